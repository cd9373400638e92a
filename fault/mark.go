package fault

import (
	"errors"
	"time"
)

// mark is a class that somebody gave an error. It reads as the error it marks.
type mark struct {
	err    error
	class  Class
	after  time.Duration
	hinted bool
}

func (m *mark) Error() string { return m.err.Error() }
func (m *mark) Unwrap() error { return m.err }
func (m *mark) Fault() Class  { return m.class }

// RetryAfter is what the dependency asked for, where it did.
func (m *mark) RetryAfter() (time.Duration, bool) { return m.after, m.hinted }

// Timeout is here because net/url asks an error directly, not through what it wraps.
func (m *mark) Timeout() bool { return isTimeout(m.class, m.err) }

func isTimeout(class Class, err error) bool {
	if class == ClassTimeout {
		return true
	}
	t, ok := errors.AsType[timed](err)
	return ok && t.Timeout()
}

// Permanent marks err as an answer: the dependency works, and says no. A nil err stays nil, here and in the other marks.
func Permanent(err error) error { return as(err, ClassPermanent) }

// Transient marks err as a failure that may pass, whatever it would be without the mark.
func Transient(err error) error { return as(err, ClassTransient) }

// Timeout marks err as a failure to answer in time.
func Timeout(err error) error { return as(err, ClassTimeout) }

// Ignore marks err as one that says nothing of the dependency's health: it counts for nothing, is not repeated, and no fallback answers it.
func Ignore(err error) error { return as(err, ClassIgnored) }

// Overload marks err as the dependency's wish for less load. A retryAfter above zero is how long it asks to be left alone;
// zero or less means that it did not say.
func Overload(err error, retryAfter time.Duration) error {
	if err == nil {
		return nil
	}
	if retryAfter <= 0 {
		return &mark{err: err, class: ClassOverload}
	}
	return &mark{err: err, class: ClassOverload, after: retryAfter, hinted: true}
}

func as(err error, class Class) error {
	if err == nil {
		return nil
	}
	return &mark{err: err, class: class}
}

// hinting is an error that may know when to come back.
type hinting interface {
	error
	RetryAfter() (time.Duration, bool)
}

// RetryAfter returns how long the dependency, or the policy that refused the call, asks to wait before the next try: the first
// hint in err's tree. Any error with a method RetryAfter() (time.Duration, bool) can carry one. It is never negative.
func RetryAfter(err error) (time.Duration, bool) {
	if err == nil {
		return 0, false
	}
	var after time.Duration
	found := false
	visit(err, func(e error) bool {
		if h, ok := e.(hinting); ok { //nolint:errorlint // visit does the unwrapping
			after, found = h.RetryAfter()
		}
		return found
	})
	if !found {
		return 0, false
	}
	return max(after, 0), true
}

// visit walks err's tree, outermost first, until seen returns true.
func visit(err error, seen func(error) bool) bool {
	for err != nil {
		if seen(err) {
			return true
		}
		switch e := err.(type) { //nolint:errorlint // this is the walk
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, branch := range e.Unwrap() {
				if visit(branch, seen) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}
