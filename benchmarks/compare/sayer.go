package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A sayer says what is measured, what all sides are set to, and what peers leave out: at length once, and then where that was.
type sayer struct {
	w    io.Writer
	name string            // what it is at
	said map[string]string // under which name: settings and notes of a side
}

// heading says what something stands for, whose sides come next.
func (s *sayer) heading(name, what string) {
	s.name = name
	wrap(s.w, fmt.Sprintf("- %s: %s.", name, strings.TrimSuffix(what, ".")))
}

// sides says what each side is set to, and what each peer leaves out.
func (s *sayer) sides(ours Cost, peers []Peer) {
	s.side(ours.By, ours.Settings, "")
	for _, p := range peers {
		s.side(p.By, p.Settings, p.Note)
	}
}

// side says it of one.
func (s *sayer) side(by, settings, note string) {
	parts := []string{"  - " + by + ": [" + settings + "]", note}
	if where := s.before(by, settings); where != "" {
		parts[0] = "  - " + by + ": [as in " + where + "]"
	}
	if where := s.before(by, note); where != "" && note != "" {
		parts[1] = "See " + where + "."
	}
	wrap(s.w, strings.Join(parts, " "))
}

// before returns under which name the same was said of a side, if it was.
func (s *sayer) before(by, text string) (name string) {
	key := by + ": " + text
	name, met := s.said[key]
	if !met {
		s.said[key] = s.name
	}
	return name
}

// explain says what grew and what all sides are set to, each at the largest size that it was measured at, and that some were not measured at all sizes.
func (g Growth) explain(s *sayer) {
	if len(g.Points) == 0 {
		return
	}
	last := g.Points[len(g.Points)-1]
	s.heading(g.Name, last.What)
	peers, some := slices.Clone(last.Peers), false
	for _, r := range slices.Backward(g.Points) {
		for _, p := range r.Peers {
			if !slices.ContainsFunc(peers, func(other Peer) bool { return other.By == p.By }) {
				peers, some = append(peers, p), true
			}
		}
	}
	s.sides(last.Ours, peers)
	if some {
		wrap(s.w, fmt.Sprintf("  - %s stands where a peer has that, and was not measured; it says why.", unmeasured))
	}
}
