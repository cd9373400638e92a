package main

import (
	"fmt"
	"io"
	"testing"
	"time"
)

// An Experiment reproduces a result that somebody has published, or derived.
type Experiment struct {
	Name   string   // for -only, and of its plots
	Title  string   // what it is about
	Source string   // who found it, where and when
	Setup  []string // the model, the settings of each contestant, in lines
	Seeds  int      // at least twenty
	Run    func(*Lab) *Findings
}

// Findings are what came out.
type Findings struct {
	Results []Result
	Orders  []Order
	Plots   []Plot
	Seeds   [2]uint64 // the first, and the last
	Took    time.Duration
}

// A Result is a number with its reference.
type Result struct {
	What      string   // of what, and whose: "full jitter, calls"
	Who       string   // "ductile", or a peer with its version
	Got       Estimate // of no run where there is nothing of the kind
	Reference string   // the value as it is compared, in words: "793", "at most 1.61", "none" where there is nothing to compare with
	From      string   // where the reference comes from: published, derived, rerun
	Within    string   // the tolerance in words; empty where nothing is judged
	Passed    bool     // meaningless without a tolerance
}

// An Order is a claim about several results: which is less than which.
type Order struct {
	What   string
	Passed bool
}

func (f *Findings) failed() bool {
	for _, r := range f.Results {
		if r.Within != "" && !r.Passed {
			return true
		}
	}
	for _, o := range f.Orders {
		if !o.Passed {
			return true
		}
	}
	return false
}

// near adds a result that is to be within a share of a reference.
func (f *Findings) near(who, what string, got Estimate, reference float64, from string, share float64) {
	f.Results = append(f.Results, Result{
		What: what, Who: who, Got: got, Reference: number(reference), From: from, Within: within(share),
		Passed: got.Mean >= reference*(1-share) && got.Mean <= reference*(1+share),
	})
}

// Tolerances that are no share.
const (
	exact  = "exactly"
	bounds = "the bounds"
)

// within says how far a result may be from its reference.
func within(share float64) string {
	if share < 1e-6 { // for the rounding of a mean
		return exact
	}
	return fmt.Sprintf("%.3g %%", 100*share)
}

// between adds a result that is to be within bounds.
func (f *Findings) between(who, what string, got Estimate, least, most float64, from string) {
	f.Results = append(f.Results, Result{
		What: what, Who: who, Got: got, Reference: number(least) + " to " + number(most), From: from, Within: bounds,
		Passed: got.Mean >= least && got.Mean <= most,
	})
}

// reports adds a result that is not judged.
func (f *Findings) reports(who, what string, got Estimate) {
	f.Results = append(f.Results, Result{What: what, Who: who, Got: got, Reference: "–", From: "not judged"})
}

// compares adds a result with its reference that is not judged: a peer's.
func (f *Findings) compares(who, what string, got Estimate, reference, from string) {
	f.Results = append(f.Results, Result{What: what, Who: who, Got: got, Reference: reference, From: from})
}

// lacks adds that a peer has nothing of the kind.
func (f *Findings) lacks(who, what string) {
	f.Results = append(f.Results, Result{What: what, Who: who, Reference: "–"})
}

// orders adds a claim about an order.
func (f *Findings) orders(what string, passed bool) {
	f.Orders = append(f.Orders, Order{what, passed})
}

// A Lab is where experiments run.
type Lab struct {
	t        *testing.T
	first    uint64
	plots    string
	progress io.Writer
	terminal bool // progress is one, on which a line can be written again and again
	thin     int  // of tests: only one of so many seeds
	alone    bool // of tests: without the peers
	used     int  // how many seeds the part with the most has used
}

// meets reports whether a contestant is to be examined.
func (l *Lab) meets(who string) bool { return who == "ductile" || !l.alone }
