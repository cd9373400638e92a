package main

import (
	"bytes"
	"image/color"
	"math"
	"os"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// canvas returns an empty picture.
func canvas(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	for style, size := range map[*text.Style]vg.Length{
		&p.Title.TextStyle: 12, &p.X.Label.TextStyle: 9, &p.Y.Label.TextStyle: 9, &p.X.Tick.Label: 9, &p.Y.Tick.Label: 9, &p.Legend.TextStyle: 9,
	} {
		style.Font.Variant, style.Font.Size = "Sans", vg.Points(float64(size))
	}
	p.BackgroundColor = color.White
	p.Legend.Top, p.Legend.Padding = true, vg.Points(2)
	p.Add(plotter.NewGrid())
	return p
}

// logarithmic makes an axis that has its values, from below the least to above the highest, so that there is a range where all are the same.
func logarithmic(axis *plot.Axis) {
	axis.Min, axis.Max = axis.Min*0.85, axis.Max*1.15
	axis.Scale, axis.Tick.Marker = plot.LogScale{}, decades{}
}

// save writes a picture to a file, as SVG. Its font is named with those that take as much room, since few have it.
func save(p *plot.Plot, height vg.Length, file string) error {
	w, err := p.WriterTo(18*vg.Centimeter, height, "svg")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		return err
	}
	svg := bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	return os.WriteFile(file, svg, 0o644) //nolint:gosec // pictures are nobody's secret
}

// decades are the ticks of a logarithmic axis: powers of ten, and where there are few of them, twice and five times these.
type decades struct {
	most float64 // where there is nothing any more but the legend; 0 for everything
}

// Ticks returns those from low to high.
func (d decades) Ticks(low, high float64) (ticks []plot.Tick) {
	if d.most > 0 {
		high = min(high, d.most)
	}
	few := high/low < 500
	for power := math.Floor(math.Log10(low)); power <= math.Ceil(math.Log10(high)); power++ {
		for digit := 1.0; digit < 10; digit++ {
			value := digit * math.Pow(10, power)
			if value < low*(1-1e-9) || value > high*(1+1e-9) {
				continue
			}
			tick := plot.Tick{Value: value}
			if digit == 1 || few && (digit == 2 || digit == 5) {
				tick.Label = strconv.FormatFloat(value, 'g', 4, 64)
				if value >= 1000 {
					tick.Label = strconv.FormatFloat(value, 'f', 0, 64)
				}
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}
