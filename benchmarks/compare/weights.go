package main

import "github.com/ductile-go/ductile/benchmarks"

// A Weight is what objects keep in memory.
type Weight struct {
	Name    string   `json:"name"`
	What    string   `json:"what"`
	Note    string   `json:"note"`
	Gate    uint64   `json:"gate"`
	Goal    uint64   `json:"goal"`
	Verdict string   `json:"verdict"`
	Objects []Object `json:"objects"` // ours first
}

// An Object is one side of a weight.
type Object struct {
	By       string `json:"by"`
	Settings string `json:"settings"`
	Bytes    uint64 `json:"bytes"`
	Of       int    `json:"of"` // how many there were
	Note     string `json:"note,omitempty"`
}

// noteOf returns what an object leaves out or has besides, or what there is to say of all.
func (w Weight) noteOf(o Object) string {
	if o.Note != "" {
		return o.Note
	}
	return w.Note
}

// weigh weighs all sides.
func weigh(w benchmarks.Weight) Weight {
	r := Weight{Name: w.Name, What: w.What, Note: w.Note, Gate: w.Gate, Goal: w.Goal}
	for _, o := range append([]benchmarks.Object{w.Ours}, w.Peers...) {
		many := o.Many
		if many == 0 {
			many = w.Many
		}
		r.Objects = append(r.Objects, Object{By: o.By, Settings: o.Settings, Bytes: benchmarks.Weigh(o.Make, many), Of: many, Note: o.Note})
	}
	r.Verdict = judge(float64(r.Objects[0].Bytes), float64(w.Gate), float64(w.Goal))
	return r
}
