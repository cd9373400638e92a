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
	say := &sayer{w: w, said: map[string]string{}}
	if len(r.Paths) > 0 {
		section(w, "Paths: ours, and below each what the peers take; the ratio is our time divided by theirs")
		wrap(w, "The ratio is the median of the runs, and min … max are its extremes; allocs and bytes are for each call, the most of any run. The gate is the "+
			"highest ratio that this project lets itself have, the goal is where it wants to be, and the verdict says which of them is met.")
		fmt.Fprintln(w)
		pathTable(r.Paths).print(w)
		section(w, "What each path is: what all sides are set to, and what peers leave out or do besides")
		for _, result := range r.Paths {
			say.heading(result.Path, result.What)
			say.sides(result.Ours, result.Peers)
			if result.Ours.Allocs > result.MayAllocate {
				wrap(w, fmt.Sprintf("  - MISSED: ours may allocate %d times, and did %d times.", result.MayAllocate, result.Ours.Allocs))
			}
		}
		fmt.Fprintln(w)
	}
	if len(r.Crowds) > 0 {
		section(w, "Crowds, as cores by goroutines: our time for a call, and below it the ratios to the peers'")
		wrap(w, "Paths over the network are not among them: what many callers share there is connections.")
		fmt.Fprintln(w)
		crowdTable(r.Crowds).print(w)
	}
	for _, g := range r.Growths {
		section(w, fmt.Sprintf("Growth of %s: %s", g.Of, g.What))
		growthTable(g).print(w)
		g.explain(say)
		fmt.Fprintln(w)
	}
	if len(r.Weights) > 0 {
		section(w, "Weights: the bytes that one object keeps on the heap, and in stacks of goroutines")
		weightTable(r.Weights).print(w)
		for _, weight := range r.Weights {
			say.heading(weight.Name, weight.What+". "+weight.Note)
			for _, o := range weight.Objects {
				say.side(o.By, o.Settings, o.Note)
			}
		}
		fmt.Fprintln(w)
	}
	if len(r.Paths) > 0 {
		section(w, "Who has what: the ratio; – where it has that, and it is not measured; none where it has not")
		r.features().print(w)
	}
	section(w, "Where a peer is faster or lighter: ours in times its time or bytes, and what it leaves out")
	wrap(w, "In brackets is where: cores × goroutines, or how many there are.")
	fmt.Fprintln(w)
	r.faster(w)
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
				peers[p.By] = slices.Repeat([][2]string{{unmeasured, ""}}, len(g.Points))
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

// unmeasured is what stands for a figure that there could be.
const unmeasured = "–"

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
		return unmeasured
	}
	return digits(gate)
}

func count(n uint64) string { return strconv.FormatUint(n, 10) }

func size(n uint64) string { return count(n) + " B" }
