package ductiletest

import (
	"slices"
	"testing"

	"github.com/ductile-go/ductile"
)

// A Planner says what a call through it can come to at worst: a pipeline, or an adapter with one, such as a *ductilehttp.Transport, whose plan
// warns of more.
type Planner interface {
	// Plan returns what a call can come to at worst.
	Plan() ductile.Plan
}

// A PlannerFunc is a function that does, such as the StreamPlan of a *ductilegrpc.Client.
type PlannerFunc func() ductile.Plan

// Plan returns f().
func (f PlannerFunc) Plan() ductile.Plan { return f() }

// NoWarnings fails a test where a plan has warnings, and prints each with its remedy, and the plan: see ductile.Pipeline.Plan. ductile.New is
// silent about them, for a program should not depend on opinions; a test may.
//
//	func TestPipeline(t *testing.T) { ductiletest.NoWarnings(t, newInventory()) }
//
// What is there on purpose is named by its code: NoWarnings(t, p, ductile.WarnNoDeadline). The test fails on a code that nothing needs
// any more, too.
func NoWarnings(t testing.TB, p Planner, but ...string) {
	t.Helper()
	plan := p.Plan()
	met, wrong := map[string]bool{}, false
	for _, w := range plan.Warnings {
		met[w.Code] = true
		if !slices.Contains(but, w.Code) {
			t.Errorf("pipeline %q: %v", plan.Pipeline, w)
			wrong = true
		}
	}
	for _, code := range but {
		if !met[code] {
			t.Errorf("pipeline %q: nothing needs the exception for %q: take it out", plan.Pipeline, code)
		}
	}
	if wrong {
		t.Log(plan)
	}
}
