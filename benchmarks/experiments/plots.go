package main

import (
	"errors"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Plot is a picture of lines. Its file is named after its experiment, and after Name where an experiment has several.
type Plot struct {
	Name, Title, X, Y string
	Lines             []Line
	LogX, LogY        bool
	Marks             []Mark
}

// A Mark is a moment on the X axis at which something begins: a thin line, with a word to its right at the top.
type Mark struct {
	X    float64
	Name string
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
	canvas.X.Tick.Marker, canvas.Y.Tick.Marker = plot.TickerFunc(round), plot.TickerFunc(round)
	if p.LogX {
		canvas.X.Scale, canvas.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	if p.LogY {
		canvas.Y.Scale, canvas.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	legend := plot.NewLegend()
	legend.Top, legend.Left, legend.Padding, legend.YOffs = true, true, vg.Points(2), -vg.Points(24)
	canvas.Add(plotter.NewGrid())
	drawn := make([]*plotter.Line, len(p.Lines))
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
		drawn[i] = line
		legend.Add(l.Name, line)
	}
	for _, line := range slices.Backward(drawn) { // the first on top
		canvas.Add(line)
	}
	if err := p.mark(canvas); err != nil {
		return err
	}
	return save(canvas, legend, file)
}

// mark draws the marks, in room of their own above the lines.
func (p Plot) mark(canvas *plot.Plot) error {
	if len(p.Marks) == 0 {
		return nil
	}
	canvas.Y.Min = min(canvas.Y.Min, 0) // over time it is the whole that counts
	least, most := canvas.Y.Min, canvas.Y.Max
	canvas.Y.Max = most + 0.1*(most-least)
	labels := plotter.XYLabels{}
	for _, m := range p.Marks {
		line, err := plotter.NewLine(plotter.XYs{{X: m.X, Y: least}, {X: m.X, Y: canvas.Y.Max}})
		if err != nil {
			return err
		}
		line.Color = color.Gray{120}
		canvas.Add(line)
		labels.XYs = append(labels.XYs, plotter.XY{X: m.X, Y: most + 0.035*(most-least)})
		labels.Labels = append(labels.Labels, " "+m.Name)
	}
	words, err := plotter.NewLabels(labels)
	if err != nil {
		return err
	}
	canvas.Add(words)
	return nil
}

// round returns ticks at round numbers, 10 at most.
func round(least, most float64) (ticks []plot.Tick) {
	step := math.Pow(10, math.Floor(math.Log10((most-least)/10)))
	for _, more := range []float64{2, 2.5, 2} { // 1, 2, 5, 10
		if (most-least)/step <= 10 {
			break
		}
		step *= more
	}
	for i := math.Ceil(least / step); i*step <= most+step/1e6; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: number(i * step)})
	}
	return ticks
}

// save draws the legend beside the lines, where it hides none.
func save(canvas *plot.Plot, legend plot.Legend, file string) error {
	picture, err := draw.NewFormattedCanvas(22*vg.Centimeter, 10*vg.Centimeter, "svg")
	if err != nil {
		return err
	}
	page := draw.New(picture)
	page.SetColor(color.White)
	page.Fill(page.Rectangle.Path())
	width := legend.Rectangle(page).Size().X*1.3 + vg.Points(8) // who reads it may have a wider font
	canvas.Draw(draw.Crop(page, 0, -width, 0, 0))
	legend.Draw(draw.Crop(page, page.Max.X-page.Min.X-width+vg.Points(8), 0, 0, 0))
	f, err := os.Create(file) //nolint:gosec // it is where the user wants it
	if err != nil {
		return err
	}
	_, err = picture.WriteTo(f)
	return errors.Join(err, f.Close())
}
