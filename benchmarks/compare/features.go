package main

import (
	"slices"

	"github.com/ductile-go/ductile/benchmarks"
)

// features says which peer has what: the ratio of the first path that shows it, a dash where that was not measured, or none.
func (r *Report) features() *table {
	t := &table{head: append([]string{"peer"}, benchmarks.Features...)}
	type feature struct{ by, name string }
	have := map[feature]string{}
	var order []string
	for _, path := range benchmarks.Paths {
		if path.Feature == "" {
			continue
		}
		for _, side := range path.Sides()[1:] {
			key := feature{side.By, path.Feature}
			if have[key] == "" {
				have[key] = r.cell(path.Name, side.By)
			}
			if !slices.Contains(order, side.By) {
				order = append(order, side.By)
			}
		}
	}
	for _, by := range order {
		line := []string{by}
		for _, name := range benchmarks.Features {
			cell := have[feature{by, name}]
			switch {
			case cell != "":
			case slices.Contains(benchmarks.Unmeasured[by], name):
				cell = unmeasured
			default:
				cell = "none"
			}
			line = append(line, cell)
		}
		t.add(line...)
	}
	return t
}

// cell returns the ratio to a peer on a path, or a dash.
func (r *Report) cell(path, by string) string {
	for _, result := range r.Paths {
		for _, p := range result.Peers {
			if result.Path == path && p.By == by {
				return digits(p.Ratio.Median)
			}
		}
	}
	return unmeasured
}
