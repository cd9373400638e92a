package ductile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// String returns the plan as a table with a line for each policy and one for the function, what one call comes to in all, the
// warnings and the notes. Each line is from that policy inward.
func (p Plan) String() string {
	const function = "the function"
	width := len(function)
	for _, l := range p.Layers {
		width = max(width, len(l.Policy))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "plan of pipeline %q: a call at worst, if the function heeds its context", p.Pipeline)
	fmt.Fprintf(&b, "\n  %-*s  %9s  %9s  %9s", width, "", "attempts", "at once", "latency")
	for i, l := range p.Layers {
		name := l.Policy
		if name == "" {
			name = function
		}
		// What has no bound in the part from here inward is not known where a policy in it does not say.
		known := !slices.ContainsFunc(p.Layers[i:], func(l Layer) bool { return !l.Known })
		cell := func(text string) string {
			if text == unbounded && !known {
				return "unknown"
			}
			return text
		}
		fmt.Fprintf(&b, "\n  %-*s  %9s  %9s  %9s  %s", width, name,
			cell(number(l.Attempts)), cell(number(l.AtOnce)), cell(span(l.Latency)), l.Text)
	}
	fmt.Fprintf(&b, "\nin all: %s, %s at once, %s", counted(p.Attempts, "attempt", "attempts"), number(p.AtOnce), p.ends())
	fmt.Fprintf(&b, "\nload in the long run, if all calls fail: %s", p.burden())
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "\nwarning %v", w)
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&b, "\nnote: %s", note)
	}
	return b.String()
}

// ends says how long a call takes, and why there is no saying.
func (p Plan) ends() string {
	text := "ended within " + span(p.Latency)
	if p.Latency == math.MaxInt64 {
		text = "no bound on the time: " + p.endless()
	}
	if p.Deaf == p.Latency && p.Deaf < math.MaxInt64 {
		text += " whether the function heeds its context or not"
	}
	return text
}

// endless says why a call may take any time: the innermost of the layers that do, one after the other from the outermost, is why.
func (p Plan) endless() string {
	why := Layer{}
	for _, l := range p.Layers {
		if l.Latency < math.MaxInt64 {
			break
		}
		why = l
	}
	switch {
	case why.Policy == "":
		return "no timeout limits the function"
	case !why.Known:
		return fmt.Sprintf("%q does not say what it does at worst", why.Policy)
	default:
		return fmt.Sprintf("no timeout is around %q", why.Policy)
	}
}

// burden says what budgets leave of the load.
func (p Plan) burden() string {
	if math.IsInf(p.Load, 1) {
		for _, l := range p.Layers {
			if !l.Known {
				return fmt.Sprintf("no bound is known, for %q does not say what it does at worst", l.Policy)
			}
		}
		return "no bound, for there is neither a limit of attempts nor a budget"
	}
	text := fmt.Sprintf("%.6g attempts for each call", p.Load)
	if p.Load == 1 {
		text = "1 attempt for each call"
	}
	if p.LoadFloor > 0 {
		text += fmt.Sprintf(", and %.6g a second besides", p.LoadFloor)
	}
	return text
}

func counted(n int, one, more string) string {
	switch n {
	case 1:
		return "1 " + one
	case math.MaxInt:
		return "any number of " + more
	default:
		return strconv.Itoa(n) + " " + more
	}
}

// unbounded is how a number without a bound is written.
const unbounded = "unbounded"

func number(n int) string {
	if n == math.MaxInt {
		return unbounded
	}
	return strconv.Itoa(n)
}

func span(d time.Duration) string {
	if d == math.MaxInt64 {
		return unbounded
	}
	return d.String()
}
