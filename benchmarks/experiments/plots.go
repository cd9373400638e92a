package main

import (
	"os"
	"path/filepath"

	"github.com/ductile-go/ductile/benchmarks/drawing"
)

// A Plot is a chart of an experiment. Its file is named after that, and after Name where an experiment has several.
type Plot struct {
	Name string
	drawing.Chart
}

// A Line is a measurement, or a reference.
type Line = drawing.Line

// A Mark is a moment at which something begins.
type Mark = drawing.Mark

// draw draws the plots of an experiment into a directory.
func (f *Findings) draw(dir, experiment string) error {
	for _, p := range f.Plots {
		name := experiment
		if p.Name != "" {
			name += "-" + p.Name
		}
		if err := p.Draw(filepath.Join(dir, name+".svg")); err != nil {
			return err
		}
	}
	return nil
}

// makeRoom makes the directory for plots, if there are to be any.
func (l *Lab) makeRoom() error {
	if l.plots == "" {
		return nil
	}
	return os.MkdirAll(l.plots, 0o755) //nolint:gosec // pictures are nobody's secret
}
