package main

import (
	"image/color"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// A Plot is a picture of lines. Its file is named after its experiment, and after Name where an experiment has several.
type Plot struct {
	Name, Title, X, Y string
	Lines             []Line
	LogX, LogY        bool
}

// A Line is one of a plot: a measurement, or, dashed, a reference.
type Line struct {
	Name      string
	X, Y      []float64
	Reference bool
}

// The colors of lines, told apart by who does not see all of them, too (Okabe and Ito, 2008).
var colors = []color.Color{
	color.RGBA{0, 114, 178, 255}, color.RGBA{213, 94, 0, 255}, color.RGBA{0, 158, 115, 255}, color.RGBA{204, 121, 167, 255},
	color.RGBA{230, 159, 0, 255}, color.RGBA{86, 180, 233, 255}, color.RGBA{0, 0, 0, 255},
}

// draw draws the plots of an experiment into a directory, as SVG.
func (f *Findings) draw(dir, experiment string) error {
	for _, p := range f.Plots {
		name := experiment
		if p.Name != "" {
			name += "-" + p.Name
		}
		if err := p.draw(filepath.Join(dir, name+".svg")); err != nil {
			return err
		}
	}
	return nil
}

func (p Plot) draw(file string) error {
	canvas := plot.New()
	canvas.Title.Text, canvas.X.Label.Text, canvas.Y.Label.Text = p.Title, p.X, p.Y
	canvas.BackgroundColor = color.White
	if p.LogX {
		canvas.X.Scale, canvas.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	if p.LogY {
		canvas.Y.Scale, canvas.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	canvas.Legend.Top = true
	canvas.Legend.Padding = vg.Points(2)
	canvas.Add(plotter.NewGrid())
	for i, l := range p.Lines {
		points := make(plotter.XYs, len(l.X))
		for j := range l.X {
			points[j].X, points[j].Y = l.X[j], l.Y[j]
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return err
		}
		line.Color, line.Width = colors[i%len(colors)], vg.Points(1.5)
		if l.Reference {
			line.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
		}
		canvas.Add(line)
		canvas.Legend.Add(l.Name, line)
	}
	return canvas.Save(18*vg.Centimeter, 10*vg.Centimeter, file)
}
