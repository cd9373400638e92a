package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A lead is where a peer is faster than ours, or lighter.
type lead struct {
	path, by, note string
	least, most    float64 // the medians of the ratios
	sure           bool    // somewhere faster in every run
	where          []string
}

// leads returns where peers are faster or lighter, each path and peer once.
func (r *Report) leads() []*lead {
	var all []*lead
	add := func(path, where string, result Result) {
		for _, p := range result.Peers {
			if p.Ratio.Median <= 1 || result.Ours.By != "ductile" { // what is ours on both sides has no peer
				continue
			}
			at := slices.IndexFunc(all, func(l *lead) bool { return l.path == path && l.by == p.By })
			if at < 0 {
				at = len(all)
				all = append(all, &lead{path: path, by: p.By, note: p.Note, least: math.Inf(1)})
			}
			l := all[at]
			l.least, l.most = min(l.least, p.Ratio.Median), max(l.most, p.Ratio.Median)
			l.sure = l.sure || p.Ratio.Min > 1
			if !slices.Contains(l.where, where) {
				l.where = append(l.where, where)
			}
		}
	}
	for _, result := range slices.Concat(r.Paths, r.Crowds) {
		add(result.Path, crowd(result), result)
	}
	for _, g := range r.Growths {
		for i, result := range g.Points {
			add(g.Name, strconv.Itoa(g.Sizes[i])+" "+g.Of, result)
		}
	}
	for _, w := range r.Weights {
		ours := float64(w.Objects[0].Bytes)
		for _, o := range w.Objects[1:] {
			if ratio := ours / float64(o.Bytes); ratio > 1 {
				all = append(all, &lead{w.Name, o.By, w.noteOf(o), ratio, ratio, true, []string{"bytes"}})
			}
		}
	}
	return all
}

// times says how many times as long ours takes, or as much memory.
func (l *lead) times() string {
	least, most := digits(l.least), digits(l.most)
	if least == most {
		return least
	}
	return least + " to " + most
}

// faster says where peers are faster or lighter: those that are for sure, with what they leave out, and then those that only seem so.
func (r *Report) faster(w io.Writer) {
	var perhaps []string
	found := false
	for _, l := range r.leads() {
		where := fmt.Sprintf("%s: %s times %s's (%s)", l.path, l.times(), l.by, strings.Join(l.where, ", "))
		if !l.sure {
			perhaps = append(perhaps, where)
			continue
		}
		found = true
		wrap(w, fmt.Sprintf("- %s. %s", where, l.note))
	}
	if !found {
		wrap(w, "- nowhere in every run")
	}
	if len(perhaps) > 0 {
		wrap(w, "- Not in every run, so perhaps not: "+strings.Join(perhaps, "; ")+".")
	}
	fmt.Fprintln(w)
}
