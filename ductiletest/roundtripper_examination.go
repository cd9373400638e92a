package ductiletest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// An examination is what is known of one transport.
type examination struct {
	wrap     func(http.RoundTripper) http.RoundTripper
	paces    paces
	pledges  []pledge
	unfit    map[protocol]bool // where it does not even answer
	early    map[string]chan verdict
	finished chan struct{}
}

// Paces are how long things take in real time.
type paces struct {
	patience time.Duration // until what has not happened is a finding
	watch    time.Duration // until a story that has not ended is one
	lull     time.Duration // how long a slow server takes, for which a hedge sends a copy
	own      time.Duration // until a transport that has not given up by itself is one that does not
}

func slow() paces {
	return paces{patience: 2 * time.Second, watch: 10 * time.Second, lull: 100 * time.Millisecond, own: 2 * time.Second}
}

// A pledge is one thing that every transport owes.
type pledge struct {
	name  string
	owed  string // what it asks, and the sentence that says so
	kept  func(*visit)
	over  []protocol // which it has to do with; all where there is none
	why   string     // it has nothing to do with the others
	early bool       // the story waits for long, and is told while the others are
}

// protocols returns what a pledge is judged over.
func (p pledge) protocols() []protocol {
	if len(p.over) == 1 && p.over[0] == none {
		return p.over
	}
	return []protocol{http1, http2, h2c}
}

// concerns reports whether a pledge has to do with a protocol.
func (p pledge) concerns(over protocol) bool {
	return len(p.over) == 0 || slices.Contains(p.over, over)
}

// examine begins an examination, which has to be ended.
func examine(wrap func(http.RoundTripper) http.RoundTripper, paces paces) *examination {
	e := &examination{
		wrap: wrap, paces: paces, pledges: pledges(),
		unfit: map[protocol]bool{}, early: map[string]chan verdict{}, finished: make(chan struct{}),
	}
	for _, p := range e.pledges {
		for _, over := range p.protocols() {
			if p.early && p.concerns(over) {
				e.begin(p, over)
			}
		}
	}
	return e
}

// begin tells a story beside the others.
func (e *examination) begin(p pledge, over protocol) {
	told := make(chan verdict, 1)
	e.early[p.name+over.String()] = told
	apart(func() { told <- e.try(p, over) })
}

// end ends what was begun and nobody waits for any more.
func (e *examination) end() {
	close(e.finished)
	for _, told := range e.early {
		<-told
	}
}

// judge says whether a pledge is kept.
func (e *examination) judge(p pledge, over protocol) Verdict {
	v := Verdict{Promise: p.name, Protocol: over.String()}
	switch found := e.verdict(p, over); {
	case found.found != nil:
		v.Outcome, v.Text = Broken, found.found.String()
	case found.moot != "":
		v.Outcome, v.Text = Moot, found.moot
	}
	v.Text = strings.TrimRight(v.Text, "\n")
	return v
}

func (e *examination) verdict(p pledge, over protocol) verdict {
	if !p.concerns(over) {
		return verdict{moot: p.why}
	}
	if e.unfit[over] {
		return verdict{moot: "says nothing new of a transport that fails in: " + answersAtAll}
	}
	if told, ok := e.early[p.name+over.String()]; ok {
		delete(e.early, p.name+over.String())
		return <-told
	}
	v := e.try(p, over)
	if p.name == answersAtAll && v.found != nil {
		e.unfit[over], e.unfit[none] = true, true
	}
	return v
}
