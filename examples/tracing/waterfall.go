package main

import (
	"fmt"
	"io"
	"strings"
)

// The columns: what, when, how long, how it ended.
const (
	titles = 30
	bars   = 30
	width  = 80 // of a terminal
)

// What bars are made of.
const (
	whole    = '━' // the call
	answer   = '█' // an attempt with an answer
	failure  = '▒' // one that failed
	loss     = '░' // one that was overtaken by a copy of it
	sent     = '─' // a request, at the client
	received = '═' // and at the server
	waiting  = '·'
	refusal  = '✗'
	instead  = '✓'
)

// legend says what bars are made of.
func legend(w io.Writer) {
	for _, line := range [][2]string{
		{"━ the call, with all that is done for it", "· a wait, before an attempt or a copy"},
		{"█ an attempt that was answered", "─ its HTTP request, as the shop sees it"},
		{"▒ an attempt that failed", "═ the same, as the inventory sees it"},
		{"░ one whose copy was faster (superseded)", fmt.Sprintf("%d: the shop did not wait for that", statusClientLeft)},
		{"✗ a policy refused an attempt", "✓ who answered instead (degraded)"},
	} {
		fmt.Fprintf(w, "%-41s%s\n", line[0], line[1])
	}
	fmt.Fprintln(w)
}

// A waterfall draws a trace: a row for each span, in the order in which they started, below what they are part of.
type waterfall struct {
	w     io.Writer
	root  *span
	scale scale
}

// draw draws the trace whose root this is.
func draw(w io.Writer, root *span) {
	last := root.end
	for s := range root.all {
		if s.end.After(last) {
			last = s.end
		}
	}
	f := waterfall{w: w, root: root, scale: scale{from: root.start, length: last.Sub(root.start)}}
	f.row(root.title(), f.scale.bar(root.start, root.end, whole), ms(root.took()), root.ended())
	f.below(root, "")
}

// below draws what is inside a span, and what it says of its end. Rows begin with margin.
func (f *waterfall) below(s *span, margin string) {
	var ends []end
	if s.kind == call {
		ends = s.ends()
	}
	for i, inside := range s.inside {
		branch, trunk := "├ ", "│ "
		if i == len(s.inside)-1 && len(ends) == 0 {
			branch, trunk = "└ ", "  "
		}
		f.row(margin+branch+inside.title(), f.scale.bar(inside.start.Add(-inside.time(delay)), inside.start, waiting).
			over(f.scale.bar(inside.start, inside.end, material(inside))), ms(inside.took()), inside.ended())
		if inside.kind == attempt {
			f.note(margin+trunk, inside.why(s), len(inside.inside) > 0)
		}
		f.below(inside, margin+trunk)
	}
	for i, e := range ends {
		branch := "├ "
		if i == len(ends)-1 {
			branch = "└ "
		}
		f.row(margin+branch+e.title, f.scale.bar(s.end.Add(-e.wait), s.end, waiting).over(f.scale.point(s.end, e.mark)), "", "")
	}
}

// material returns what the bar of a span is made of.
func material(s *span) rune {
	switch {
	case s.kind == call:
		return whole
	case s.kind == request:
		return sent
	case s.kind == served:
		return received
	case s.overtaken():
		return loss
	case s.answered():
		return answer
	default:
		return failure
	}
}

// row prints a line. A title that is too long goes on where the bar is, as far as nothing is there.
func (f *waterfall) row(title string, b bar, took, ended string) {
	line := []rune(strings.Repeat(" ", titles) + b.String())
	text, room := []rune(title), titles-1+b.blank()
	if len(text) > room {
		text = append(text[:room-1], '…')
	}
	copy(line, text)
	f.line(fmt.Sprintf("%s %7s  %s", string(line), took, ended))
}

// note prints a line about the row above it.
func (f *waterfall) note(margin, text string, more bool) {
	if text == "" {
		return
	}
	trunk := "  "
	if more {
		trunk = "│ "
	}
	f.line(margin + trunk + text)
}

func (f *waterfall) line(text string) { fmt.Fprintln(f.w, strings.TrimRight(text, " ")) }
