package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
)

// print prints all that was measured.
func (r *Report) print(w io.Writer) {
	r.header(w)
	if len(r.Paths) > 0 {
		section(w, "Paths: ours, and below each what the peers take; the ratio is our time divided by theirs")
		pathTable(r.Paths).print(w)
		for _, result := range r.Paths {
			note(w, result)
		}
		fmt.Fprintln(w)
	}
	if len(r.Crowds) > 0 {
		section(w, "Crowds, as cores by goroutines: our time for a call, and below it the ratios to the peers'")
		crowdTable(r.Crowds).print(w)
	}
	for _, g := range r.Growths {
		section(w, fmt.Sprintf("Growth of %s: %s", g.Of, g.What))
		growthTable(g).print(w)
		if len(g.Points) > 0 {
			note(w, g.Points[0])
		}
		fmt.Fprintln(w)
	}
	if len(r.Weights) > 0 {
		section(w, "Weights: heap, and stacks of goroutines")
		weightTable(r.Weights).print(w)
		for _, weight := range r.Weights {
			wrap(w, fmt.Sprintf("- %s: %s. %s", weight.Name, weight.What, weight.Note))
			for _, o := range weight.Objects {
				if o.Note != "" {
					wrap(w, fmt.Sprintf("- %s / %s: %s.", weight.Name, o.By, o.Note))
				}
			}
		}
		fmt.Fprintln(w)
	}
	if len(r.Paths) > 0 {
		section(w, "Who has what: the ratio (– is not measured), or none")
		r.features().print(w)
		section(w, "Where a peer is faster: our time in its times (cores × goroutines, or size), and what it leaves out")
		r.faster(w)
	}
	section(w, "Not measured")
	for _, a := range r.Absent {
		wrap(w, fmt.Sprintf("- %s: %s", a.Peer, a.Why))
	}
}

// pathTable has a line for each side.
func pathTable(results []Result) *table {
	t := &table{head: []string{"path", "time", "allocs", "bytes", "ratio", "min … max", "gate", "goal", "verdict"}}
	for _, r := range results {
		t.add(r.Path, nanoseconds(r.Ours.Nanoseconds.Median), count(r.Ours.Allocs), count(r.Ours.Bytes), "", "", "", "", "")
		for i, p := range r.Peers {
			gate, goal, verdict := "", "", ""
			if i == 0 {
				gate, goal, verdict = limit(r.Gate), limit(r.Goal), r.Verdict
			}
			t.add("· "+p.By, nanoseconds(p.Nanoseconds.Median), count(p.Allocs), count(p.Bytes), digits(p.Ratio.Median),
				digits(p.Ratio.Min)+" … "+digits(p.Ratio.Max), gate, goal, verdict)
		}
	}
	return t
}

// note says what a path stands for, and what each peer leaves out.
func note(w io.Writer, r Result) {
	wrap(w, fmt.Sprintf("- %s, %s / %s: %s. %s", r.Path, r.Ours.By, r.Peers[0].By, r.What, r.Peers[0].Note))
	if r.Ours.Allocs > r.MayAllocate {
		wrap(w, fmt.Sprintf("- %s: MISSED: ours may allocate %d times, and did %d times.", r.Path, r.MayAllocate, r.Ours.Allocs))
	}
	for _, p := range r.Peers[1:] {
		wrap(w, fmt.Sprintf("- %s / %s: %s", r.Path, p.By, p.Note))
	}
}

// crowdTable has a line for ours and for each peer, and a column for each crowd.
func crowdTable(results []Result) *table {
	t := &table{head: []string{"path"}}
	for _, r := range results {
		if name := crowd(r); !slices.Contains(t.head, name) {
			t.head = append(t.head, name)
		}
	}
	for crowds := range slices.Chunk(results, len(t.head)-1) { // the crowds of a path come together
		ours := []string{crowds[0].Path}
		for _, r := range crowds {
			ours = append(ours, nanoseconds(r.Ours.Nanoseconds.Median))
		}
		t.add(ours...)
		for i, p := range crowds[0].Peers {
			line := []string{"· " + p.By}
			for _, r := range crowds {
				line = append(line, digits(r.Peers[i].Ratio.Median))
			}
			t.add(line...)
		}
	}
	return t
}

// crowd names a crowd.
func crowd(r Result) string { return fmt.Sprintf("%d × %d", r.Cores, r.Goroutines) }

// growthTable has a line for each side's time, and for the ratio to each peer.
func growthTable(g Growth) *table {
	t := &table{head: []string{g.Of}}
	for _, size := range g.Sizes {
		t.head = append(t.head, strconv.Itoa(size))
	}
	ours, peers := []string{"ductile"}, map[string][][2]string{}
	var order []string
	for at, r := range g.Points {
		ours = append(ours, nanoseconds(r.Ours.Nanoseconds.Median))
		for _, p := range r.Peers {
			if !slices.Contains(order, p.By) {
				order = append(order, p.By)
				peers[p.By] = slices.Repeat([][2]string{{"none", ""}}, len(g.Points))
			}
			peers[p.By][at] = [2]string{nanoseconds(p.Nanoseconds.Median), digits(p.Ratio.Median)}
		}
	}
	t.add(ours...)
	for _, by := range order {
		times, ratios := []string{by}, []string{"· ratio"}
		for _, cell := range peers[by] {
			times, ratios = append(times, cell[0]), append(ratios, cell[1])
		}
		t.add(times...)
		t.add(ratios...)
	}
	return t
}

// weightTable has a line for each object.
func weightTable(weights []Weight) *table {
	t := &table{head: []string{"object", "each", "of", "ratio", "gate", "goal", "verdict"}}
	for _, w := range weights {
		ours := w.Objects[0]
		t.add(w.Name, size(ours.Bytes), strconv.Itoa(ours.Of), "", size(w.Gate), size(w.Goal), w.Verdict)
		for _, o := range w.Objects[1:] {
			t.add("· "+o.By, size(o.Bytes), strconv.Itoa(o.Of), digits(float64(ours.Bytes)/float64(o.Bytes)), "", "", "")
		}
	}
	return t
}

// nanoseconds prints a time in few digits.
func nanoseconds(ns float64) string {
	if ns < 9999.5 {
		return fmt.Sprintf("%.0f ns", ns)
	}
	return fmt.Sprintf("%.0f µs", ns/1000)
}

// digits prints a ratio, to about as many digits as anybody needs.
func digits(ratio float64) string {
	switch {
	case ratio < 9.995:
		return fmt.Sprintf("%.2f", ratio)
	case ratio < 99.95:
		return fmt.Sprintf("%.1f", ratio)
	default:
		return fmt.Sprintf("%.0f", ratio)
	}
}

// limit prints a gate, where there is one.
func limit(gate float64) string {
	if gate == 0 {
		return "–"
	}
	return digits(gate)
}

func count(n uint64) string { return strconv.FormatUint(n, 10) }

func size(n uint64) string { return count(n) + " B" }
