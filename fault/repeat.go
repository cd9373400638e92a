package fault

import "time"

// final is an error after which there is no other attempt. It reads as the error it holds, and has no class of its own.
type final struct{ err error }

func (f *final) Error() string { return f.err.Error() }
func (f *final) Unwrap() error { return f.err }
func (f *final) Final() bool   { return true }

// Timeout is here because net/url asks an error directly. The answer is that of an error in the tree, so that Of finds no other
// class than without the mark.
func (f *final) Timeout() (is bool) {
	visit(f.err, func(e error) bool {
		t, ok := e.(timed) //nolint:errorlint // visit does the unwrapping
		if ok {
			is = t.Timeout()
		}
		return ok
	})
	return is
}

// Final marks err as a failure after which the call is not made again, though it counts as the failure that it is: breakers count it and
// fallbacks answer for it. It is for a dependency that has broken down half-way, where nobody knows what a repeat would do. Its class,
// and what it asks for by [RetryAfter] and [Pushback], are those of err. A nil err stays nil.
//
// Where repeating is out of the question for one call, whatever comes of it, ductile.Once says so before.
func Final(err error) error {
	if err == nil {
		return nil
	}
	return &final{err}
}

// finality is an error that has an opinion about another attempt.
type finality interface {
	error
	Final() bool
}

// IsFinal reports whether another attempt must not follow err: the opinion of the first error in err's tree, outermost first, that has
// a method Final() bool. One that says false speaks for all that it wraps.
func IsFinal(err error) (is bool) {
	visit(err, func(e error) bool {
		f, ok := e.(finality) //nolint:errorlint // visit does the unwrapping
		if ok {
			is = f.Final()
		}
		return ok
	})
	return is
}

// deciding is an error with which a dependency may decide about a repeat.
type deciding interface {
	error
	Pushback() (time.Duration, bool)
}

// Pushback returns what the dependency itself has decided about a repeat: zero or more is the wait after which it goes, exactly; less than
// zero means that the call is not made again. It is the first decision in err's tree, outermost first. Any error with a method
// Pushback() (time.Duration, bool) can carry one; who returns false leaves it to what it wraps. [RetryAfter] is weaker: it
// says when to come back at the earliest.
//
// Servers of gRPC send it as the trailer grpc-retry-pushback-ms (gRFC A6, "gRPC Retry Design").
func Pushback(err error) (wait time.Duration, told bool) {
	visit(err, func(e error) bool {
		if d, ok := e.(deciding); ok { //nolint:errorlint // visit does the unwrapping
			wait, told = d.Pushback()
		}
		return told
	})
	if !told {
		return 0, false
	}
	return wait, true
}
