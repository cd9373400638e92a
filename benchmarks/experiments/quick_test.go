package main

import (
	"io"
	"testing"
)

// quick is a laboratory for few seeds.
func quick(t *testing.T) *Lab {
	t.Helper()
	return &Lab{t: t, first: 1, progress: io.Discard}
}

// thinLab is a laboratory for tests, with one of so many seeds, and without peers.
func thinLab(t *testing.T, thin int) *Lab {
	t.Helper()
	return &Lab{t: t, first: 1, progress: io.Discard, thin: thin, alone: true}
}

// missed is what was not found, in words.
func missed(f *Findings) []string {
	var missed []string
	for _, r := range f.Results {
		if r.Within != "" && !r.Passed {
			missed = append(missed, r.Who+": "+r.What)
		}
	}
	for _, o := range f.Orders {
		if !o.Passed {
			missed = append(missed, o.What)
		}
	}
	return missed
}
