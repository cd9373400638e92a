package ductilehttp

import (
	"fmt"
	"net/http"

	"github.com/ductile-go/ductile"
)

// WarnFallbackType is the code of a warning about a fallback that has no answer of the type *http.Response: every request fails.
const WarnFallbackType = "fallback-type"

// Plan returns what one request can come to at worst: the plan of the transport's pipeline (see [ductile.Pipeline.Plan]), with warnings and
// notes of what only the transport knows. That of [NewKeyedTransport] is of the pipeline of the empty key, which it asks its set for,
// and which so becomes one of its members.
//
// A test keeps a transport free of warnings by ductiletest.NoWarnings(t, transport).
func (t *Transport) Plan() ductile.Plan {
	p := t.example()
	plan := p.Plan()
	if w, found := plan.HangingAttempt(); found && !t.limitsAttempts() {
		w.Remedy = "Put a timeout for each attempt inside of it, or give the base transport a ResponseHeaderTimeout."
		plan.Warnings = append(plan.Warnings, w)
	}
	for _, policy := range p.Policies() {
		if f, ok := policy.(ductile.Fallback); ok && !f.Accepts(new(*http.Response)) {
			plan.Warnings = append(plan.Warnings, ductile.Warning{
				Code: WarnFallbackType, Policy: f.Name(),
				Text:   fmt.Sprintf("%q has no *http.Response to answer with, so every request fails.", f.Name()),
				Remedy: "Let it answer with an *http.Response, or put it around a call that reads the answer.",
			})
		}
	}
	plan.Notes = append(plan.Notes, t.notes(p)...)
	return plan
}

// notes says which requests the numbers hold for.
func (t *Transport) notes(p ductile.Composed) (notes []string) {
	var repeats, copies, limits bool
	for _, policy := range p.Policies() {
		switch policy.(type) {
		case ductile.Retrier:
			repeats = true
		case ductile.Hedger:
			copies = true
		case ductile.Deadline:
			limits = true
		}
	}
	if repeats {
		notes = append(notes, "a request that may not be repeated, such as a POST without an Idempotency-Key, is sent once: "+
			"further attempts are made only where it never left.")
	}
	if copies {
		notes = append(notes, "only GET, HEAD, OPTIONS and TRACE have copies.")
	}
	if limits {
		notes = append(notes, "timeouts end the reading of an answer's body, too, which goes on after the call.")
	}
	return notes
}

// limitsAttempts reports whether the base transport is known to give a server only so long for an answer, or is one that is not known.
func (t *Transport) limitsAttempts() bool {
	const layers = 100 // more are a circle
	base := t.base
	for range layers {
		switch is := base.(type) {
		case *http.Transport:
			return is == nil || is.ResponseHeaderTimeout > 0
		case interface{ Unwrap() http.RoundTripper }:
			base = is.Unwrap()
		default:
			return true
		}
	}
	return true
}
