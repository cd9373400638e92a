package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ductile-go/ductile/benchmarks"
)

// A task is a path that is to be measured on some cores.
type task struct {
	path  benchmarks.Path
	cores int
}

// Tasks are all that is to be measured.
type tasks struct {
	paths, crowds []task
	growths       []benchmarks.Growth
	weights       []benchmarks.Weight
}

// plan looks up what is wanted.
func plan(o options, cores int) (all tasks) {
	for _, path := range benchmarks.Paths {
		if !o.only.MatchString(path.Name) {
			continue
		}
		all.paths = append(all.paths, task{path, cores})
		if !path.Crowded {
			continue
		}
		for _, on := range few(cores) {
			for _, goroutines := range o.goroutines {
				all.crowds = append(all.crowds, task{path.Crowd(goroutines), on})
			}
		}
	}
	for _, growth := range benchmarks.Growths {
		if o.only.MatchString(growth.Name) {
			all.growths = append(all.growths, growth)
		}
	}
	for _, weight := range benchmarks.Weights {
		if o.only.MatchString(weight.Name) {
			all.weights = append(all.weights, weight)
		}
	}
	return all
}

// few returns on how many cores crowds are: one, and all.
func few(cores int) []int {
	if cores == 1 {
		return []int{1}
	}
	return []int{1, cores}
}

// points returns how many sizes all growths have.
func (t tasks) points() (n int) {
	for _, g := range t.growths {
		n += len(g.Sizes)
	}
	return n
}

// any fails where there is nothing to do.
func (t tasks) any(o options) error {
	if len(t.paths)+len(t.growths)+len(t.weights) == 0 {
		return fmt.Errorf("%w: no name matches %q; there are %s", errNothing, o.only, strings.Join(names(), ", "))
	}
	return nil
}

// names returns those of all that can be measured.
func names() (all []string) {
	for _, path := range benchmarks.Paths {
		all = append(all, path.Name)
	}
	for _, growth := range benchmarks.Growths {
		all = append(all, growth.Name)
	}
	for _, weight := range benchmarks.Weights {
		all = append(all, weight.Name)
	}
	return all
}

var errNothing = errors.New("nothing is measured")

// sizes returns the paths of a growth.
func sizes(g benchmarks.Growth, cores int) (all []task) {
	for _, size := range g.Sizes {
		all = append(all, task{g.At(size), cores})
	}
	return all
}
