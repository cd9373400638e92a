package main

import (
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// A chart is a picture of lines, whose heights are on a logarithmic scale.
type chart struct {
	Name, Title, X, Y string
	LogX              bool
	Lines             []curve
}

// A curve is one of its lines. Curves of the same name have the same color.
type curve struct {
	Name   string
	X, Y   []float64
	Dashed bool
	cores  int
}

// colors returns those of lines, which who does not see all of them can tell apart, too (Okabe and Ito, 2008).
func colors() []color.Color {
	return []color.Color{
		color.RGBA{0, 114, 178, 255}, color.RGBA{213, 94, 0, 255}, color.RGBA{0, 158, 115, 255}, color.RGBA{204, 121, 167, 255},
		color.RGBA{230, 159, 0, 255}, color.RGBA{86, 180, 233, 255}, color.RGBA{0, 0, 0, 255},
	}
}

// draw writes it to a file, whose ending says in which format.
func (c *chart) draw(file string) error {
	p := canvas(c.Title, c.X, c.Y)
	chosen := map[string]color.Color{}
	for _, l := range c.Lines {
		points := make(plotter.XYs, len(l.X))
		for i := range l.X {
			points[i].X, points[i].Y = l.X[i], l.Y[i]
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return err
		}
		if _, met := chosen[l.Name]; !met {
			all := colors()
			chosen[l.Name] = all[len(chosen)%len(all)]
			p.Legend.Add(l.Name, line)
		}
		line.Color, line.Width = chosen[l.Name], vg.Points(1.5)
		dots.Color, dots.Radius = chosen[l.Name], vg.Points(2)
		if l.Dashed {
			line.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
		}
		p.Add(line, dots)
	}
	// On the right is room for the legend.
	logarithmic(&p.Y)
	if c.LogX {
		logarithmic(&p.X)
		p.X.Tick.Marker = decades{p.X.Max}
		p.X.Max *= math.Pow(p.X.Max/p.X.Min, 0.3)
	} else {
		p.X.Tick.Marker = plot.ConstantTicks(whole(p.X.Min, p.X.Max))
		p.X.Max += 0.3 * (p.X.Max - p.X.Min)
	}
	return save(p, 11*vg.Centimeter, file)
}

// whole are ticks at every whole number.
func whole(from, to float64) (ticks []plot.Tick) {
	for n := from; n <= to; n++ {
		ticks = append(ticks, plot.Tick{Value: n, Label: strconv.Itoa(int(n))})
	}
	return ticks
}
