package ductile

import (
	"fmt"
	"math"
)

// String says what a step adds to what is inside of it.
func (s step) String() string {
	if !s.known {
		return "does not say what it does at worst"
	}
	switch s.shape {
	case gates:
		text := "adds no time"
		if s.wait > 0 {
			text = "waits up to " + span(s.wait)
		}
		if s.holds() {
			text += fmt.Sprintf("; lets in %d at once", s.admits)
		}
		return text
	case retriers:
		return s.repeated()
	case deadlines:
		return s.cut()
	case fallbacks:
		switch s.wait {
		case 0:
			return "answers at once"
		case math.MaxInt64:
			return "asks a function, which may take any time"
		default:
			return "answers within " + span(s.wait)
		}
	case hedgers:
		return s.copied()
	default:
		text := "calls what is inside " + counted(s.runs, "time", "times")
		if s.wait > 0 {
			text += fmt.Sprintf(", takes %s itself", span(s.wait))
		}
		return text
	}
}

func (s step) repeated() string {
	text := counted(s.runs, "attempt", "attempts")
	switch {
	case s.runs == 1 || s.wait == 0:
	case s.runs == math.MaxInt:
		text += ", and waits between them"
	case s.backoff == math.MaxInt64:
		text += ", and waits that a function decides"
	case s.wait == s.backoff:
		text += fmt.Sprintf(", and waits of up to %s in all", span(s.wait))
	default:
		text += fmt.Sprintf(", and waits of up to %s in all, %s where the dependency asks for it", span(s.backoff), span(s.wait))
	}
	if s.within < math.MaxInt64 {
		text += fmt.Sprintf("; the last begins within %s", span(s.within))
	}
	return text
}

func (s step) cut() string {
	var text string
	switch {
	case s.limit == math.MaxInt64:
		return "asks for each call how long it may take: no bound is known"
	case s.inside.Latency > s.limit && s.inside.Latency < math.MaxInt64:
		text = fmt.Sprintf("cuts %s to %s", span(s.inside.Latency), span(s.limit))
	case s.inside.Latency > s.limit:
		text = "ends what takes longer"
	default:
		text = fmt.Sprintf("leaves room: allows %s", span(s.limit))
	}
	if s.detached {
		text += ", and does not wait for it"
	}
	return text
}

func (s step) copied() string {
	text := counted(s.runs, "copy", "copies")
	switch {
	case s.runs <= 1:
		return text
	case s.shortest == s.longest:
		return fmt.Sprintf("%s, one after another or %s apart", text, span(s.shortest))
	default:
		return fmt.Sprintf("%s, one after another or at least %s apart", text, span(s.shortest))
	}
}

// outward says what the function is to the steps around it.
func outward(steps []step) string {
	for _, s := range steps {
		if s.shape == deadlines {
			return "takes all the time that it is given"
		}
	}
	return "takes any time: no timeout is around it"
}
