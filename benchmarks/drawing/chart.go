package drawing

import (
	"errors"
	"image/color"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// A Chart is a picture of lines.
type Chart struct {
	Title, X, Y string // the axes with their units
	LogX, LogY  bool
	Dots        bool // where a line has its points
	Lines       []Line
	Marks       []Mark
}

// A Line is one of a chart. Lines of one library have one color, and differ by their dashes.
type Line struct {
	Name      string // begins with that of a library, if it is of one. Lines of the same name are one in the legend
	X, Y      []float64
	Reference bool // not measured, or not of anybody: gray and dashed
	Dashed    bool // has the same name as one that is not
}

// A Mark is a moment on the X axis at which something begins: a thin line, with a word to its right at the top.
type Mark struct {
	X    float64
	Name string
}

const height = 10 * vg.Centimeter

// Draw writes a chart to a file, as SVG.
func (c *Chart) Draw(file string) error {
	p := New(c.Title, c.X, c.Y)
	lines, err := c.lines()
	if err != nil {
		return err
	}
	for i, l := range c.Lines {
		named := func(o Line) bool { return o.Name == l.Name }
		if slices.IndexFunc(c.Lines, named) < i {
			continue // it is there already
		}
		if whole := slices.IndexFunc(c.Lines, func(o Line) bool { return named(o) && !o.Dashed }); whole >= 0 {
			i = whole
		}
		if c.Dots && !l.Reference {
			p.Explain(l.Name, lines[i].line, lines[i].dots)
		} else {
			p.Explain(l.Name, lines[i].line)
		}
	}
	for i, l := range slices.Backward(lines) { // the first on top
		p.Add(l.line)
		if c.Dots && !c.Lines[i].Reference {
			p.Add(l.dots)
		}
	}
	if err := c.mark(p); err != nil {
		return err
	}
	if c.LogX && p.X.Min <= 0 || c.LogY && p.Y.Min <= 0 {
		return errors.New("what is on a logarithmic axis must be above zero")
	}
	if c.LogX {
		Logarithmic(&p.X)
	}
	if c.LogY {
		Logarithmic(&p.Y)
	}
	return p.Save(height, file)
}

// A stroke is a line as it is drawn.
type stroke struct {
	line *plotter.Line
	dots *plotter.Scatter
}

// lines returns those of a chart.
func (c *Chart) lines() ([]stroke, error) {
	strokes := make([]stroke, len(c.Lines))
	var names []string
	for _, l := range c.Lines {
		if !l.Reference {
			names = append(names, l.Name)
		}
	}
	shades := colors(names)
	met := map[color.Color][]string{} // the names of each color, for their dashes
	sizes := map[string]float64{}     // of each name, from above to below
	for i, l := range c.Lines {
		points := make(plotter.XYs, len(l.X))
		for j := range l.X {
			points[j].X, points[j].Y = l.X[j], l.Y[j]
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		strokes[i] = stroke{line, dots}
		shade := referred()
		line.Width = vg.Points(1)
		if !l.Reference {
			shade, shades = shades[0], shades[1:]
			if _, found := sizes[l.Name]; !found {
				sizes[l.Name] = float64(min(len(sizes)+1, 6))
			}
			size := sizes[l.Name] // what is below is larger, and shows around what is above
			line.Width, dots.Radius = vg.Points(1.5), vg.Points(1.5+0.75*size)
			if !c.Dots {
				line.Width = vg.Points(1.1 + 0.4*size)
			}
		}
		line.Color, dots.Color = shade, shade
		if !slices.Contains(met[shade], l.Name) {
			met[shade] = append(met[shade], l.Name)
		}
		nth := slices.Index(met[shade], l.Name)
		if l.Reference || l.Dashed {
			nth++
		}
		line.Dashes = dashes(nth)
	}
	return strokes, nil
}

// dashes returns those of the n-th line of a color. That of number 0 has none.
func dashes(n int) []vg.Length {
	all := [][]vg.Length{nil, {5, 3}, {1.5, 2.5}, {8, 3, 1.5, 3}, {8, 2, 1.5, 2, 1.5, 2}}
	return all[n%len(all)]
}

// mark draws the marks, in room of their own above the lines.
func (c *Chart) mark(p *Picture) error {
	if len(c.Marks) == 0 {
		return nil
	}
	if !c.LogY {
		p.Y.Min = min(p.Y.Min, 0) // over time it is the whole that counts
	}
	least, most := p.Y.Min, p.Y.Max
	p.Y.Max = most + 0.1*(most-least)
	words := plotter.XYLabels{}
	for _, m := range c.Marks {
		line, err := plotter.NewLine(plotter.XYs{{X: m.X, Y: least}, {X: m.X, Y: p.Y.Max}})
		if err != nil {
			return err
		}
		line.Color, line.Width = color.Gray{150}, vg.Points(0.75)
		p.Add(line)
		words.XYs = append(words.XYs, plotter.XY{X: m.X, Y: most + 0.035*(most-least)})
		words.Labels = append(words.Labels, " "+m.Name)
	}
	labels, err := plotter.NewLabels(words)
	if err != nil {
		return err
	}
	for i := range labels.TextStyle {
		letters(&labels.TextStyle[i], 9)
	}
	p.Add(labels)
	return nil
}
