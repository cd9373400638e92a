package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What spans say, in words.

// title returns what a row is called.
func (s *span) title() string {
	switch s.kind {
	case attempt:
		if n := s.number(copyNumber); n > 1 {
			return fmt.Sprintf("attempt %d, copy %d", s.number(number), n)
		}
		return fmt.Sprintf("attempt %d", s.number(number))
	case served:
		return s.service + " " + s.name
	default:
		return s.name
	}
}

// ended returns how a span ended.
func (s *span) ended() string {
	switch {
	case s.kind == call, s.kind == attempt:
		return s.text(outcome)
	case s.has(statusCode):
		return strconv.Itoa(s.number(statusCode))
	default:
		return "no answer"
	}
}

// answered reports whether an attempt had an answer, be it no.
func (s *span) answered() bool {
	return slices.Contains([]string{"success", "permanent", "ignored"}, s.text(outcome))
}

// overtaken reports whether a faster copy made it unnecessary.
func (s *span) overtaken() bool { return s.text(outcome) == "superseded" }

// why says why an attempt of a call was made, after what, and whether it won. A first attempt that had no rival needs no words.
func (s *span) why(of *span) string {
	var words []string
	switch after := ms(s.time(delay)); {
	case s.text(reason) == "retry":
		words = append(words, fmt.Sprintf("a repeat, after a wait of %s: the attempt before ended with %s", after, s.text(cause)))
	case s.text(reason) == "hedge" && s.has(cause):
		words = append(words, "a copy, made at once: another one ended with "+s.text(cause))
	case s.text(reason) == "hedge":
		words = append(words, fmt.Sprintf("a copy: there was no answer after %s", after))
	}
	if s.answered() && s.number(copyNumber) == of.number(wonBy) {
		words = append(words, "the first to answer: it won")
	}
	return strings.Join(words, "; ")
}

// idle returns for how long a call waited for attempts that were not made: those that were refused.
func (s *span) idle() time.Duration {
	wait := s.time(retryWait)
	for _, a := range s.inside {
		if a.kind == attempt && a.text(reason) == "retry" {
			wait -= a.time(delay)
		}
	}
	return wait
}

// An end is something that a call's own span says of how it ended: there is no span for it.
type end struct {
	title string
	mark  rune
	wait  time.Duration // before it
}

// ends returns who refused, why there were no more attempts, and who answered instead.
func (s *span) ends() (found []end) {
	wait := s.idle()
	for _, policy := range s.list(rejectedBy) {
		found = append(found, end{title: "refused by: " + policy, mark: refusal, wait: wait})
		wait = 0
	}
	if why := s.text(stopped); why != "" && why != "rejected" {
		found = append(found, end{title: "no more attempts: " + why, mark: refusal})
	}
	if by := s.text(answeredBy); by != "" {
		found = append(found, end{title: "answered by: " + by, mark: instead})
	}
	return found
}

// ms prints a time in milliseconds, with a digit after the point where that is worth it.
func ms(d time.Duration) string {
	if d < 9950*time.Microsecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
}
