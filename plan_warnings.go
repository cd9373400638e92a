package ductile

import (
	"fmt"
	"math"
	"slices"
)

// warnings returns what is wrong with the steps, outermost first.
func warnings(steps []step) (list []Warning) {
	if w, ok := unlimited(steps); ok {
		list = append(list, w)
	}
	for i := range steps {
		s, around := &steps[i], steps[:i]
		switch s.shape {
		case deadlines:
			list = append(list, s.warnDeadline(around)...)
		case retriers:
			list = append(list, s.warnRetrier(around)...)
		case gates:
			list = append(list, s.warnGate(steps[i+1:])...)
		case hedgers:
			if s.known && s.runs > 1 && s.budget == nil {
				list = append(list, Warning{
					WarnHedgeWithoutBudget, s.name,
					fmt.Sprintf("%q may make %s of every call, most of all while the dependency is slow.", s.name, counted(s.runs, "copy", "copies")),
					"Leave the option Budget out, or give it a budget that several pipelines share.",
				})
			}
		case fallbacks:
			if r := outermost(around, (*step).repeats); r != nil {
				list = append(list, Warning{
					WarnFallbackBelowRetry, s.name,
					fmt.Sprintf("%q answers before %q around it can repeat what failed.", s.name, r.name),
					"Put the fallback around the retry.",
				})
			}
		default:
		}
	}
	return list
}

// unlimited warns of calls that may take forever. A policy that is not known might bound them.
func unlimited(steps []step) (w Warning, ok bool) {
	bounds := func(s step) bool { return s.shape == deadlines || s.shape == middlewares && !s.known }
	if !slices.ContainsFunc(steps, bounds) {
		return Warning{
			WarnNoDeadline, "", "Nothing in the pipeline bounds how long a call takes.",
			"Put a timeout around the whole call, and one around each attempt.",
		}, true
	}
	for _, s := range steps {
		if s.repeats() && s.runs == math.MaxInt && s.within == math.MaxInt64 && !s.limited {
			return Warning{
				WarnNoDeadline, s.name, fmt.Sprintf("Nothing bounds how long %q goes on.", s.name),
				"Put a timeout around it, or limit its attempts or the time in which they begin.",
			}, true
		}
	}
	return w, false
}

// warnGate warns of permits that are held for nothing, or given back too soon.
func (s *step) warnGate(inside []step) (list []Warning) {
	if !s.holds() {
		return nil
	}
	if r := outermost(inside, func(r *step) bool { return r.repeats() && r.wait > 0 }); r != nil {
		list = append(list, Warning{
			WarnPermitHeldInBackoff, s.name,
			fmt.Sprintf("A call holds its permit of %q while %q inside of it waits and uses nothing.", s.name, r.name),
			"Put it inside the retry, where each attempt takes a permit of its own.",
		})
	}
	if d := outermost(inside, func(d *step) bool { return d.detached }); d != nil {
		list = append(list, Warning{
			WarnPermitBackTooSoon, s.name,
			fmt.Sprintf("A permit of %q comes back when %q inside of it gives a function up that still runs.", s.name, d.name),
			"Put it inside the detached timeout, where it counts what still runs.",
		})
	}
	return list
}

func (s *step) warnDeadline(around []step) (list []Warning) {
	if s.limit >= s.left && s.limit < math.MaxInt64 && !s.detached { // a detached one still ends the wait
		outer := outermost(around, func(o *step) bool { return o.shape == deadlines && o.limit == s.left })
		list = append(list, Warning{
			WarnTimeoutNotBelow, s.name,
			fmt.Sprintf("%s (%v) never passes before %s around it (%v).", s.called(around), s.limit, outer.called(nil), outer.limit),
			"Make the inner timeout shorter, or leave it out.",
		})
	}
	return list
}

func (s *step) warnRetrier(around []step) (list []Warning) {
	if !s.repeats() {
		return nil
	}
	if r := outermost(around, (*step).repeats); r != nil {
		list = append(list, Warning{
			WarnRetryInRetry, s.name,
			fmt.Sprintf("%q repeats what %q around it repeats again, which makes %s.", s.name, r.name,
				counted(times(r.runs, s.runs), "attempt", "attempts")),
			"Keep one of the two.",
		})
	}
	if s.budget == nil {
		list = append(list, Warning{
			WarnRetryWithoutBudget, s.name,
			fmt.Sprintf("%q may make %s of every call while the dependency is down.", s.name, counted(s.runs, "attempt", "attempts")),
			"Leave the option Budget out, or give it a budget that several pipelines share.",
		})
	}
	if w, ok := s.warnTime(); ok {
		list = append(list, w)
	}
	return list
}

// warnTime warns of attempts that a timeout around the retry leaves no time for. One without a limit of attempts goes by the time alone, and
// what only the dependency may ask for says nothing against the numbers.
func (s *step) warnTime() (w Warning, ok bool) {
	attempts := last(s.runs, s.usual)
	all := plus(attempts, s.backoff)
	switch {
	case s.runs == math.MaxInt || s.left == math.MaxInt64 || s.backoff == math.MaxInt64:
		return w, false
	case s.backoff >= s.left:
		return Warning{
			WarnBackoffBeyondDeadline, s.name,
			fmt.Sprintf("The waits of %q come to %v, and the timeout around it allows %v for all.", s.name, s.backoff, s.left),
			"Make fewer attempts or shorter waits, or allow more time.",
		}, true
	case s.usual < math.MaxInt64 && all > s.left:
		return Warning{
			WarnAttemptsBeyondDeadline, s.name,
			fmt.Sprintf("%d attempts of up to %v and waits of %v come to %v, and the timeout around %q allows %v.",
				s.runs, s.usual, s.backoff, all, s.name, s.left),
			"Make fewer or shorter attempts, or allow more time.",
		}, true
	default:
		return w, false
	}
}

// repeats reports whether the step is a retrier that is known to make more than one attempt.
func (s *step) repeats() bool { return s.shape == retriers && s.known && s.runs > 1 }

// holds reports whether the step is a gate that lets in only so many at once, so that each call in it keeps another out.
func (s *step) holds() bool { return s.shape == gates && s.admits < math.MaxInt }

// called returns the name of a step in words, which is often the same for two timeouts.
func (s *step) called(around []step) string {
	if slices.ContainsFunc(around, func(o step) bool { return o.name == s.name }) {
		return fmt.Sprintf("The inner %q", s.name)
	}
	return fmt.Sprintf("%q", s.name)
}

// outermost returns the first step that is meant, nil where there is none.
func outermost(steps []step, meant func(*step) bool) *step {
	for i := range steps {
		if meant(&steps[i]) {
			return &steps[i]
		}
	}
	return nil
}
