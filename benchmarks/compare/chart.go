package main

import (
	"slices"

	"github.com/ductile-go/ductile/benchmarks/drawing"
)

// A chart is what a call costs over the size of something, on a logarithmic scale.
type chart struct {
	name string
	drawing.Chart
}

func newChart(name, title, x string) *chart {
	return &chart{name, drawing.Chart{Title: title, X: x, Y: "ns for each call", LogY: true, Dots: true}}
}

// add adds a point to the line of a side. Those of one core are dashed.
func (c *chart) add(cost Cost, size, cores int) {
	at := slices.IndexFunc(c.Lines, func(l drawing.Line) bool { return l.Name == cost.By && l.Dashed == (cores == 1) })
	if at < 0 {
		at = len(c.Lines)
		c.Lines = append(c.Lines, drawing.Line{Name: cost.By, Dashed: cores == 1})
	}
	c.Lines[at].X = append(c.Lines[at].X, float64(size))
	c.Lines[at].Y = append(c.Lines[at].Y, cost.Nanoseconds.Median)
}

// addAll adds a point for each side of a result.
func (c *chart) addAll(r Result, size, cores int) {
	c.add(r.Ours, size, cores)
	for _, p := range r.Peers {
		c.add(p.Cost, size, cores)
	}
}

// crowdCharts has a chart for each path: what a call costs everybody as the crowd grows.
func crowdCharts(results []Result) (all []*chart) {
	for _, r := range results {
		at := slices.IndexFunc(all, func(c *chart) bool { return c.name == "goroutines-"+r.Path })
		if at < 0 {
			at = len(all)
			all = append(all, newChart("goroutines-"+r.Path, r.What, "goroutines; dashed: on one core"))
			all[at].LogX = true
		}
		all[at].addAll(r, r.Goroutines, r.Cores)
	}
	return all
}

// growthChart is what a call costs as a path grows.
func growthChart(g Growth) *chart {
	c := newChart(g.Name, g.What, g.Of)
	c.LogX = g.Sizes[len(g.Sizes)-1] > 100
	for i, r := range g.Points {
		c.addAll(r, g.Sizes[i], 0) // on as many as there are
	}
	return c
}
