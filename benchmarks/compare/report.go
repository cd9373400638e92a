package main

import (
	"encoding/json"
	"os"
	"slices"

	"github.com/ductile-go/ductile/benchmarks"
)

// A Report is all that was measured, as the file of -json has it.
type Report struct {
	Machine  Machine              `json:"machine"`
	Settings Settings             `json:"settings"`
	Paths    []Result             `json:"paths"`
	Crowds   []Result             `json:"crowds"` // the same paths, by more goroutines
	Growths  []Growth             `json:"growths"`
	Weights  []Weight             `json:"weights"`
	Absent   []benchmarks.Absence `json:"absent"`
}

// Settings are how it was measured.
type Settings struct {
	Runs            int     `json:"runs"`
	PathSeconds     float64 `json:"path_seconds"`
	CrowdSeconds    float64 `json:"crowd_seconds"`
	CrowdGoroutines []int   `json:"crowd_goroutines"`
}

// A Result is what a path has cost all of its sides.
type Result struct {
	Path        string  `json:"path"`
	What        string  `json:"what"`
	Cores       int     `json:"cores"`
	Goroutines  int     `json:"goroutines"`
	Ours        Cost    `json:"ours"`
	Peers       []Peer  `json:"peers"` // the first is the one of the gate
	Gate        float64 `json:"gate,omitempty"`
	Goal        float64 `json:"goal,omitempty"`
	MayAllocate uint64  `json:"may_allocate"`
	Verdict     string  `json:"verdict,omitempty"`
}

// A Cost is what a call has cost one side.
type Cost struct {
	By          string `json:"by"`
	Settings    string `json:"settings"` // what its policies are set to
	Nanoseconds Spread `json:"nanoseconds"`
	Allocs      uint64 `json:"allocs"` // the most of any run, as are the bytes
	Bytes       uint64 `json:"bytes"`
}

// A Peer is what it has cost a peer.
type Peer struct {
	Cost
	Ratio Spread `json:"ratio"` // our time divided by the peer's, in the same run
	Note  string `json:"note"`  // what it leaves out, or does besides
}

// A Spread is the median of the runs, and their extremes.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// A Growth is what a path has cost as it grew.
type Growth struct {
	Name   string   `json:"name"`
	What   string   `json:"what"`
	Of     string   `json:"of"`
	Sizes  []int    `json:"sizes"`
	Points []Result `json:"points"` // one for each size
}

// measure measures everything whose name is wanted.
func measure(o options, p *progress) (*Report, error) {
	m := meter{runs: o.runs, progress: p}
	r := &Report{Machine: machine(), Absent: benchmarks.Absent, Settings: Settings{
		Runs: o.runs, PathSeconds: o.about.Seconds(), CrowdSeconds: (o.about / least).Seconds(), CrowdGoroutines: o.goroutines,
	}}
	todo := plan(o, r.Machine.Cores)
	if err := todo.any(o); err != nil {
		return nil, err
	}
	p.expect(len(todo.paths) + len(slices.DeleteFunc(slices.Clone(todo.paths), alone)) + len(todo.crowds) + todo.points() + len(todo.weights))
	var err error
	if r.Paths, err = m.paths(todo.paths, o.about); err != nil {
		return nil, err
	}
	if r.Crowds, err = m.all(todo.crowds, o.about/least); err != nil {
		return nil, err
	}
	for _, g := range todo.growths {
		grown := Growth{Name: g.Name, What: g.What, Of: g.Of, Sizes: g.Sizes}
		if grown.Points, err = m.all(sizes(g, r.Machine.Cores), o.about/least); err != nil {
			return nil, err
		}
		r.Growths = append(r.Growths, grown)
	}
	for _, w := range todo.weights {
		p.step(w.Name)
		r.Weights = append(r.Weights, weigh(w))
	}
	p.end()
	return r, nil
}

// missed counts the gates that are.
func (r *Report) missed() (n int) {
	for _, result := range r.Paths {
		if result.Verdict == missed {
			n++
		}
	}
	for _, w := range r.Weights {
		if w.Verdict == missed {
			n++
		}
	}
	return n
}

// save writes it to a file.
func (r *Report) save(file string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644) //nolint:gosec // figures are nobody's secret
}
