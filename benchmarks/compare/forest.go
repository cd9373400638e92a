package main

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/ductile-go/ductile/benchmarks/drawing"
)

// A forest is a picture of values below each other, each with its spread, on a logarithmic scale.
type forest struct {
	Title, X string
	Even     float64 // a line where nobody is better; 0 for none. What is above it has another color
	Dots     []dot
}

// A dot is one value.
type dot struct {
	Name   string
	Spread Spread
}

// draw writes it to a file, if there is anything in it.
func (f forest) draw(file string) error {
	if len(f.Dots) == 0 {
		return nil
	}
	p := drawing.New(f.Title, f.X, "")
	last := float64(len(f.Dots) - 1)
	if f.Even > 0 {
		even, err := plotter.NewLine(plotter.XYs{{X: f.Even, Y: -0.5}, {X: f.Even, Y: last + 0.5}})
		if err != nil {
			return err
		}
		even.Color = color.Black
		p.Add(even)
	}
	var names []string
	for i, d := range f.Dots {
		names = append(names, d.Name)
		at := last - float64(i) // the first is on top
		shade := drawing.Ours()
		if f.Even > 0 && d.Spread.Median > f.Even {
			shade = drawing.Theirs()
		}
		whisker, err := plotter.NewLine(plotter.XYs{{X: d.Spread.Min, Y: at}, {X: d.Spread.Max, Y: at}})
		if err != nil {
			return err
		}
		middle, err := plotter.NewScatter(plotter.XYs{{X: d.Spread.Median, Y: at}})
		if err != nil {
			return err
		}
		whisker.Color, whisker.Width = shade, vg.Points(1)
		middle.Color, middle.Radius, middle.Shape = shade, vg.Points(3), draw.CircleGlyph{}
		p.Add(whisker, middle)
	}
	slices.Reverse(names)
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.5, last+0.5
	p.Y.Padding = vg.Points(14) // who reads it may have a wider font
	drawing.Logarithmic(&p.X)
	return p.Save(vg.Length(len(f.Dots))*0.45*vg.Centimeter+3*vg.Centimeter, file)
}
