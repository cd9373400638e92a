package fault

import (
	"context"
	"errors"
)

// Ends that only the driver of a pipeline can know, because only it saw whose context ended, who panicked and which copy won.
// It hands them to policies, and takes the mark off before anything reaches the caller.
var (
	// ErrAborted is what a gate hears of a call that panicked. Its class is [ClassAborted].
	ErrAborted error = &end{errors.New("the call panicked"), ClassAborted, false}
	// ErrExited is what a gate hears of a call that ended by runtime.Goexit. Its class is [ClassExited].
	ErrExited error = &end{errors.New("the call exited its goroutine"), ClassExited, false}

	errSuperseded error = &end{errors.New("a faster copy won"), ClassSuperseded, false}
	errOutlasted  error = &end{errors.New("a faster copy won, after this one had outlasted the hedge's delay"), ClassSuperseded, true}
)

// ErrRejected matches every refusal by a policy: open, full, limited, in safe mode. Its class is [ClassRejected]. errors.Is finds it in the
// error of a retry, too, one of whose later attempts was refused; Of tells the two apart, by what the dependency said before.
var ErrRejected error = rejection{}

type rejection struct{}

func (rejection) Error() string { return "rejected by a policy" }
func (rejection) Fault() Class  { return ClassRejected }

// ErrFinal is the answer of a retrier to an error that is not one to repeat, or where repeating was never allowed. The driver
// then returns the error as it is: there was nothing to give up. It marks no errors: [Final] does.
var ErrFinal = errors.New("not one to repeat")

// end is an error as the driver saw it.
type end struct {
	err       error
	class     Class
	outlasted bool
}

func (e *end) Error() string { return e.err.Error() }
func (e *end) Unwrap() error { return e.err }
func (e *end) Fault() Class  { return e.class }
func (e *end) Timeout() bool { return isTimeout(e.class, e.err) }

// End returns err with the class that the driver of a pipeline found for it, for the policies' eyes only. Users mark errors
// with [Permanent] and its siblings instead; End is for drivers, and for the tests of policies. A nil err stays nil.
func End(err error, class Class) error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*end); ok { //nolint:errorlint // only the outermost is the driver's
		err = e.err
	}
	return &end{err: err, class: class}
}

// Seen returns err as a policy has to take it whose context is ctx, of a call that reached its function. The driver of a pipeline
// calls it for each policy; who drives one by hand, or wraps a library that judges errors, does so too:
//
//   - a policy whose own context is alive takes a context.Canceled for a failure like any other;
//   - a deadline of ctx that has passed is a timeout, unless err is an answer all the same;
//   - where a faster copy has won, the call is superseded;
//   - otherwise the caller has gone, whatever err is.
//
// What it returns is for policies, see [Original]. A nil err stays nil.
func Seen(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	class := Of(err)
	switch dead := ctx.Err(); {
	case dead == nil && class == ClassCanceled:
		return End(err, ClassTransient)
	case dead == nil:
		return err
	case !errors.Is(dead, context.DeadlineExceeded):
		if won, ok := context.Cause(ctx).(*end); ok && won.class == ClassSuperseded { //nolint:errorlint // the driver's own, unwrapped
			return &end{err: Original(err), class: ClassSuperseded, outlasted: won.outlasted}
		}
		return End(err, ClassCanceled)
	case class == ClassPermanent, class == ClassIgnored:
		return err
	default:
		return End(err, ClassTimeout)
	}
}

// Superseded returns what a gate hears of a copy that a faster one made unnecessary; outlasted says that the copy had been given
// longer than the hedge's delay, and so was slow. It is also the cause with which the driver cancels the copy, so that a pipeline inside
// of it hears the same.
func Superseded(outlasted bool) error {
	if outlasted {
		return errOutlasted
	}
	return errSuperseded
}

// Outlasted reports whether err is of a superseded copy that had been given longer than the hedge's delay.
func Outlasted(err error) bool {
	e, ok := err.(*end) //nolint:errorlint // only the outermost is the driver's
	return ok && e.outlasted
}

// DeadlinePassed reports whether err is of a call whose own context ran out of time, as the policy that hears of it has it: the
// caller's deadline, or that of a timeout around the policy. A timeout inside the policy is another matter.
func DeadlinePassed(err error) bool {
	e, ok := err.(*end) //nolint:errorlint // only the outermost is the driver's
	return ok && e.class == ClassTimeout
}

// Original returns err without the driver's mark. Policies call it before they show an error to anybody.
func Original(err error) error {
	if e, ok := err.(*end); ok { //nolint:errorlint // only the outermost is the driver's
		return e.err
	}
	return err
}

// A Classifier is one policy's own opinion of errors. Every policy takes one by its option Classify, and all treat it alike: it is
// asked in place of [Of], which it can call for what it has no opinion of.
//
// It is not asked of the ends that only the driver knows: canceled by the caller, panic, Goexit, superseded. What a policy makes of
// those is set by options of its own: On of retry and fallback, CountAs of the breaker.
type Classifier func(err error) Class

// Of returns c's class of err, or that of the function [Of] where c is nil or must not be asked.
func (c Classifier) Of(err error) Class {
	if c == nil || err == nil {
		return Of(err)
	}
	if e, ok := err.(*end); ok { //nolint:errorlint // only the outermost is the driver's
		switch e.class {
		case ClassCanceled, ClassAborted, ClassExited, ClassSuperseded:
			return e.class
		default:
		}
	}
	return c(err)
}
