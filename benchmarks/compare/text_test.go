package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/benchmarks"
)

// everything returns a report of all that is measured, with figures as wide as they come.
func everything() *Report {
	all := plan(wanted(), 2)
	wide := func(tasks []task) (results []Result) {
		for _, t := range tasks {
			r := Result{Path: t.path.Name, What: t.path.What, Cores: t.cores, Goroutines: goroutines(t), Gate: t.path.Gate, Goal: t.path.Goal,
				Ours: Cost{By: t.path.Ours.By, Settings: t.path.Ours.Settings, Nanoseconds: Spread{9999, 99, 99_999}, Allocs: 100, Bytes: 99_999}}
			for i, side := range t.path.Sides()[1:] {
				r.Peers = append(r.Peers, Peer{Cost: Cost{By: side.By, Settings: side.Settings, Nanoseconds: Spread{999_999, 999, 9_999_999}, Allocs: 100, Bytes: 99_999},
					Ratio: Spread{9.99, 9.99, 99.9}, Note: t.path.NoteOf(i + 1)})
			}
			r.Verdict = verdict(r)
			results = append(results, r)
		}
		return results
	}
	r := &Report{Machine: machine(), Paths: wide(all.paths), Crowds: wide(all.crowds), Absent: benchmarks.Absent}
	for _, g := range all.growths {
		r.Growths = append(r.Growths, Growth{Name: g.Name, What: g.What, Of: g.Of, Sizes: g.Sizes, Points: wide(sizes(g, 2))})
	}
	for _, w := range all.weights {
		weight := Weight{Name: w.Name, What: w.What, Note: w.Note, Gate: w.Gate, Goal: w.Goal, Verdict: missed,
			Objects: []Object{{w.Ours.By, w.Ours.Settings, 512, 100_000, ""}}}
		for _, o := range w.Peers {
			weight.Objects = append(weight.Objects, Object{o.By, o.Settings, 99_999, 100_000, o.Note})
		}
		r.Weights = append(r.Weights, weight)
	}
	return r
}

// wanted are options that leave nothing out.
func wanted() options {
	o, err := parse(nil, new(strings.Builder))
	if err != nil {
		panic(err)
	}
	return o
}

// Everything there is fits on a screen, however slow the machine is, and is said.
func TestAllIsSaid(t *testing.T) {
	r := everything()
	var b strings.Builder
	r.print(&b)
	text := b.String()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		assert.LessOrEqual(t, utf8.RuneCountInString(line), width, "%s", line)
	}
	flat := strings.Join(strings.Fields(text), " ")
	said := func(by, settings, note string) {
		assert.Contains(t, flat, "- "+by+": ["+settings+"]")
		assert.Contains(t, flat, note)
	}
	for _, path := range benchmarks.Paths {
		assert.Contains(t, flat, "| "+path.Name+" |")
		assert.Contains(t, flat, "- "+path.Name+": "+path.What+".")
		said(path.Ours.By, path.Ours.Settings, "")
		for i, side := range path.Sides()[1:] {
			assert.Contains(t, flat, "| · "+side.By+" |")
			said(side.By, side.Settings, path.NoteOf(i+1))
		}
	}
	for _, g := range benchmarks.Growths {
		assert.Contains(t, flat, "- "+g.Name+": "+g.What+".")
		largest := g.At(g.Sizes[len(g.Sizes)-1])
		said(largest.Ours.By, largest.Ours.Settings, "")
		for i, side := range largest.Sides()[1:] {
			said(side.By, side.Settings, largest.NoteOf(i+1))
		}
	}
	assert.Contains(t, flat, "- go-zero: [in its registry of names;")
	assert.Contains(t, flat, "– stands where a peer has that")
	for _, w := range benchmarks.Weights {
		for _, o := range append(w.Peers, w.Ours) {
			said(o.By, o.Settings, o.Note)
		}
	}
	for _, a := range benchmarks.Absent {
		assert.Contains(t, flat, a.Peer+": "+a.Why)
	}
	assert.Contains(t, flat, "MISSED: ours may allocate 0 times, and did 100 times")
	assert.Contains(t, flat, "Fewer than 10 runs")
	assert.Contains(t, flat, "2 × 256")
	assert.Contains(t, flat, "none")
}

// What is said of a side is said once, and then where.
func TestSayerDoesNotRepeatItself(t *testing.T) {
	var b strings.Builder
	s := &sayer{w: &b, said: map[string]string{}}
	cost := func(by, settings string) Cost { return Cost{By: by, Settings: settings} }
	s.heading("first", "a path.")
	s.sides(cost("ductile", "5 in a row"), []Peer{{Cost: cost("other", "5 in a row"), Note: "It has no window."}})
	s.heading("second", "another path")
	s.sides(cost("ductile", "5 in a row"), []Peer{{Cost: cost("other", "6 in a row"), Note: "It has no window."}, {Cost: cost("third", "fixed"), Note: "New."}})
	s.heading("third", "one more")
	s.side("other", "6 in a row", "")
	s.side("ductile", "7 in a row", "")
	assert.Equal(t, `- first: a path.
  - ductile: [5 in a row]
  - other: [5 in a row] It has no window.
- second: another path.
  - ductile: [as in first]
  - other: [6 in a row] See first.
  - third: [fixed] New.
- third: one more.
  - other: [as in second]
  - ductile: [7 in a row]
`, b.String())
}

// A peer that was not measured at a size has a dash there, and what it is set to is said all the same.
func TestNotMeasuredAtASize(t *testing.T) {
	ours := Cost{By: "ductile", Settings: "a map"}
	peer := func(by string) Peer {
		return Peer{Cost: Cost{By: by, Settings: "set " + by, Nanoseconds: Spread{Median: 7}}, Ratio: Spread{Median: 0.5}, Note: "Lets none go."}
	}
	g := Growth{Name: "keys", Of: "keys", Sizes: []int{1, 2}, Points: []Result{
		{What: "a path", Ours: ours, Peers: []Peer{peer("one"), peer("two")}}, {What: "a path", Ours: ours, Peers: []Peer{peer("one")}},
	}}
	assert.Equal(t, [][]string{
		{"ductile", "0 ns", "0 ns"}, {"one", "7 ns", "7 ns"}, {"· ratio", "0.50", "0.50"}, {"two", "7 ns", "–"}, {"· ratio", "0.50", ""},
	}, growthTable(g).rows)
	var b strings.Builder
	g.explain(&sayer{w: &b, said: map[string]string{}})
	assert.Equal(t, `- keys: a path.
  - ductile: [a map]
  - one: [set one] Lets none go.
  - two: [set two] Lets none go.
  - – stands where a peer has that, and was not measured; it says why.
`, b.String())
}

func TestTwoCoresProveNothing(t *testing.T) {
	m := machine()
	require.NotEmpty(t, m.Processor)
	said := strings.Contains(strings.Join(m.Caveats, " "), "prove no scaling")
	assert.Equal(t, m.Cores <= 2, said)
}

// features finds who has what in the table of paths, also where little was measured.
func TestFeatures(t *testing.T) {
	r := &Report{Paths: []Result{{Path: "breaker", Peers: []Peer{{Cost: Cost{By: "gobreaker"}, Ratio: Spread{Median: 0.5}}}}}}
	cells := map[string][]string{}
	table := r.features()
	for _, row := range table.rows {
		cells[row[0]] = row[1:]
	}
	assert.Equal(t, []string{"none", "0.50", "none", "none", "none", "none", "none", "none", "none"}, cells["gobreaker"])
	assert.Equal(t, []string{"none", "none", "–", "none", "none", "none", "none", "none", "none"}, cells["avast"])
	assert.Equal(t, []string{"–", "–", "–", "–", "–", "–", "–", "–", "–"}, cells["failsafe-go"])
}

func TestEveryFeatureIsShown(t *testing.T) {
	shown := map[string]bool{}
	for _, path := range benchmarks.Paths {
		shown[path.Feature] = true
	}
	for _, feature := range benchmarks.Features {
		assert.True(t, shown[feature], feature)
		delete(shown, feature)
	}
	delete(shown, "")
	assert.Empty(t, shown)
}

func TestLeads(t *testing.T) {
	peer := func(by string, median, least float64) []Peer {
		return []Peer{{Cost: Cost{By: by}, Ratio: Spread{Median: median, Min: least, Max: 99}, Note: "It does less."}}
	}
	ours := Cost{By: "ductile"}
	r := &Report{
		Paths: []Result{
			{Path: "slower", Ours: ours, Cores: 2, Goroutines: 1, Peers: peer("quick", 1.5, 1.2)},
			{Path: "equal", Ours: ours, Cores: 2, Goroutines: 1, Peers: peer("like", 1.1, 0.9)},
			{Path: "quicker", Ours: ours, Cores: 2, Goroutines: 1, Peers: peer("slow", 0.5, 0.4)},
			{Path: "against ourselves", Ours: Cost{By: "observed"}, Cores: 2, Goroutines: 1, Peers: peer("no observer", 1.5, 1.2)},
		},
		Crowds: []Result{
			{Path: "slower", Ours: ours, Cores: 2, Goroutines: 1, Peers: peer("quick", 1.25, 0.9)},
			{Path: "slower", Ours: ours, Cores: 2, Goroutines: 16, Peers: peer("quick", 3, 2)},
		},
		Growths: []Growth{{Name: "keys", Of: "keys", Sizes: []int{1, 10}, Points: []Result{{Ours: ours, Peers: peer("map", 0.9, 0.9)}, {Ours: ours, Peers: peer("map", 2, 2)}}}},
		Weights: []Weight{{Name: "size", Note: "As it is made.", Objects: []Object{
			{By: "ductile", Bytes: 100}, {By: "heavy", Bytes: 101, Note: "It has more."}, {By: "light", Bytes: 40, Note: "It has less."}, {By: "lighter", Bytes: 20},
		}}},
	}
	var b strings.Builder
	r.faster(&b)
	assert.Equal(t, "- slower: 1.25 to 3.00 times quick's (2 × 1, 2 × 16). It does less.\n- keys: 2.00 times map's (10 keys). It does less.\n"+
		"- size: 2.50 times light's (bytes). It has less.\n- size: 5.00 times lighter's (bytes). As it is made.\n"+
		"- Not in every run, so perhaps not: equal: 1.10 times like's (2 × 1).\n\n", b.String())

	b.Reset()
	(&Report{}).faster(&b)
	assert.Equal(t, "- nowhere in every run\n\n", b.String())
}

func TestTimesAndRatiosAreShort(t *testing.T) {
	for ns, want := range map[float64]string{0.4: "0 ns", 9999.4: "9999 ns", 9999.6: "10 µs", 123_456: "123 µs"} {
		assert.Equal(t, want, nanoseconds(ns))
	}
	for ratio, want := range map[float64]string{0.004: "0.00", 9.994: "9.99", 9.996: "10.0", 99.94: "99.9", 99.96: "100", 213.14: "213"} {
		assert.Equal(t, want, digits(ratio))
	}
}

func TestTableIsAligned(t *testing.T) {
	var b strings.Builder
	(&table{head: []string{"a", "é"}, rows: [][]string{{"123", "4"}, {"1", "äöü"}}}).print(&b)
	assert.Equal(t, "| a   | é   |\n| --- | --- |\n| 123 | 4   |\n| 1   | äöü |\n\n", b.String())
	b.Reset()
	(&table{head: []string{"a"}}).print(&b)
	assert.Empty(t, b.String())
}

func TestWrap(t *testing.T) {
	long := strings.Repeat("é", 30)
	for text, want := range map[string]string{
		"a":       "a\n",
		"- a b":   "- a b\n",
		"  - a b": "  - a b\n",
		strings.Join([]string{long, long, long, "1234567"}, " "):     long + " " + long + " " + long + " 1234567\n",
		strings.Join([]string{long, long, long, "12345678"}, " "):    long + " " + long + " " + long + "\n12345678\n",
		strings.Join([]string{"-", long, long, long, "123456"}, " "): "- " + long + " " + long + " " + long + "\n  123456\n",
		strings.Join([]string{"  -", long, long, long, "1234"}, " "): "  - " + long + " " + long + " " + long + "\n    1234\n",
	} {
		var b strings.Builder
		wrap(&b, text)
		assert.Equal(t, want, b.String())
	}
}
