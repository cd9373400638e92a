package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// plot draws all that was measured into a directory, which it makes.
func (r *Report) plot(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // pictures are nobody's secret
		return err
	}
	machine := fmt.Sprintf("%s, %d cores, %s", r.Machine.Processor, r.Machine.Cores, r.Machine.Go)
	const ratio = "our time divided by the peer's: less is better. "
	first, others := forest{Title: "Each path, beside its first peer", X: ratio + machine, Even: 1}, forest{Title: "Each path, beside the other peers", X: ratio + machine, Even: 1}
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
	charts := crowdCharts(r.Crowds)
	for _, g := range r.Growths {
		charts = append(charts, growthChart(g))
	}
	for _, c := range charts {
		c.X += ". " + machine
		failed = append(failed, c.Draw(filepath.Join(dir, c.name+".svg")))
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
