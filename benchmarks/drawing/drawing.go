// Package drawing draws the pictures of what is measured and of what experiments find, so that all look alike: the colors of libraries, their
// fonts and axes, a legend beside the lines, and how a picture becomes a file.
package drawing

import (
	"bytes"
	"image/color"
	"math"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	width = 22 * vg.Centimeter
	gap   = 8 // points between what is drawn and the legend
)

// A Picture is what is drawn, and a legend to the right of it, where it hides nothing.
type Picture struct {
	*plot.Plot
	x, y    string // what is on the axes: the plot itself would leave room for it in the wrong place of a logarithmic axis
	legend  plot.Legend
	entries int
}

// New returns an empty picture.
func New(title, x, y string) *Picture {
	p := &Picture{Plot: plot.New(), x: x, y: y, legend: plot.NewLegend()}
	p.Title.Text = title
	for style, size := range map[*text.Style]float64{
		&p.Title.TextStyle: 12, &p.X.Label.TextStyle: 10, &p.Y.Label.TextStyle: 10, &p.X.Tick.Label: 9, &p.Y.Tick.Label: 9, &p.legend.TextStyle: 10,
	} {
		letters(style, size)
	}
	p.Title.Padding = vg.Points(6)
	p.BackgroundColor = color.White // for who reads in the dark, too: the colors are chosen for it
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(round), plot.TickerFunc(round)
	p.legend.Top, p.legend.Left, p.legend.Padding, p.legend.YOffs = true, true, vg.Points(3), -vg.Points(24)
	p.legend.YPosition, p.legend.ThumbnailWidth = draw.PosCenter, vg.Points(28) // room for a dash and a dot
	p.Add(plotter.NewGrid())
	return p
}

// letters sets the letters of a text.
func letters(style *text.Style, points float64) {
	style.Font.Variant, style.Font.Size = "Sans", vg.Points(points)
}

// Explain adds a line to the legend.
func (p *Picture) Explain(name string, by ...plot.Thumbnailer) {
	p.legend.Add(name, by...)
	p.entries++
}

// drawAxes draws a plot, and what is on its axes.
func (p *Picture) drawAxes(c draw.Canvas) {
	x, y := p.X.Label.TextStyle, p.Y.Label.TextStyle
	inner := c
	if p.y != "" {
		inner = draw.Crop(inner, y.Height(p.y)+gap/2, 0, 0, 0)
	}
	if p.x != "" {
		inner = draw.Crop(inner, 0, 0, x.Height(p.x)+gap/2, 0)
	}
	p.Draw(inner)
	data := p.DataCanvas(inner)
	c.FillText(x, vg.Point{X: data.Center().X, Y: c.Min.Y + x.FontExtents().Descent}, p.x)
	y.Rotation += math.Pi / 2
	c.FillText(y, vg.Point{X: c.Min.X + y.Height(p.y), Y: data.Center().Y}, p.y)
}

// Save writes a picture to a file, as SVG.
func (p *Picture) Save(height vg.Length, file string) error {
	canvas, err := draw.NewFormattedCanvas(width, height, "svg")
	if err != nil {
		return err
	}
	page := draw.New(canvas)
	page.SetColor(color.White)
	page.Fill(page.Rectangle.Path())
	page = draw.Crop(page, gap/2, -gap/2, gap/2, -gap/2)
	beside := vg.Length(0)
	if p.entries > 0 {
		beside = p.legend.Rectangle(page).Size().X*1.15 + gap // who reads it may have a wider font
	}
	p.drawAxes(draw.Crop(page, 0, -beside, 0, 0))
	p.legend.Draw(draw.Crop(page, page.Size().X-beside+gap, 0, 0, 0))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	// Few have the font: those named beside it take as much room.
	svg := bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	return os.WriteFile(file, svg, 0o644) //nolint:gosec // pictures are nobody's secret
}
