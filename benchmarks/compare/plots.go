package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// plot draws all that was measured into a directory, which it makes.
func (r *Report) plot(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // pictures are nobody's secret
		return err
	}
	machine := fmt.Sprintf("%s, %d cores, %s", r.Machine.Processor, r.Machine.Cores, r.Machine.Go)
	const ratio = "our time divided by the peer's: less is better. "
	first, others := forest{Title: "Beside the peers of the gates", X: ratio + machine, Even: 1}, forest{Title: "Beside the others", X: ratio + machine, Even: 1}
	for _, result := range r.Paths {
		for i, p := range result.Peers {
			one := dot{result.Path + " / " + p.By, p.Ratio}
			if i == 0 {
				first.Dots = append(first.Dots, one)
			} else {
				others.Dots = append(others.Dots, one)
			}
		}
	}
	failed := []error{first.draw(filepath.Join(dir, "paths.svg")), others.draw(filepath.Join(dir, "others.svg"))}
	for _, c := range crowdCharts(r.Crowds) {
		c.X += ". " + machine
		failed = append(failed, c.draw(filepath.Join(dir, c.Name+".svg")))
	}
	for _, g := range r.Growths {
		c := growthChart(g)
		c.X += ". " + machine
		failed = append(failed, c.draw(filepath.Join(dir, c.Name+".svg")))
	}
	for _, w := range r.Weights {
		f := forest{Title: w.What, X: "bytes of heap and stacks, each"}
		for _, o := range w.Objects {
			b := float64(o.Bytes)
			f.Dots = append(f.Dots, dot{fmt.Sprintf("%s: %d", o.By, o.Bytes), Spread{b, b, b}})
		}
		failed = append(failed, f.draw(filepath.Join(dir, w.Name+".svg")))
	}
	return errors.Join(failed...)
}

// crowdCharts has a chart for each path: what a call costs everybody as the crowd grows. Lines of fewer cores are dashed.
func crowdCharts(results []Result) (all []*chart) {
	for _, r := range results {
		at := slices.IndexFunc(all, func(c *chart) bool { return c.Name == "goroutines-"+r.Path })
		if at < 0 {
			at = len(all)
			all = append(all, &chart{
				Name: "goroutines-" + r.Path, Title: r.What, X: "goroutines; dashed: on one core", Y: "ns for each call", LogX: true,
			})
		}
		all[at].side(r.Ours, r)
		for _, p := range r.Peers {
			all[at].side(p.Cost, r)
		}
	}
	return all
}

// side adds a point of a side.
func (c *chart) side(cost Cost, r Result) {
	at := slices.IndexFunc(c.Lines, func(l curve) bool { return l.Name == cost.By && l.cores == r.Cores })
	if at < 0 {
		at = len(c.Lines)
		c.Lines = append(c.Lines, curve{Name: cost.By, cores: r.Cores, Dashed: r.Cores == 1})
	}
	c.Lines[at].X = append(c.Lines[at].X, float64(r.Goroutines))
	c.Lines[at].Y = append(c.Lines[at].Y, cost.Nanoseconds.Median)
}

// growthChart is what a call costs as a path grows.
func growthChart(g Growth) *chart {
	c := &chart{Name: g.Name, Title: g.What, X: g.Of, Y: "ns for each call", LogX: g.Sizes[len(g.Sizes)-1] > 100}
	for i, r := range g.Points {
		r.Goroutines, r.Cores = g.Sizes[i], 0
		c.side(r.Ours, r)
		for _, p := range r.Peers {
			c.side(p.Cost, r)
		}
	}
	return c
}
