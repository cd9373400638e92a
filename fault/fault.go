// Package fault says what went wrong, in one vocabulary for every policy.
//
// A breaker must know whether a failure was the dependency's, a retry whether trying again can help, a fallback whether an
// answer is needed. Where each policy is taught that on its own, they drift apart. Here one function, [Of], sorts an error
// into a [Class], and every policy asks it, unless told otherwise by a [Classifier] of its own.
//
// Most programs need one thing of this package: to say which of their errors are answers and not faults.
//
//	if errors.Is(err, inventory.ErrNotFound) {
//		return stock, fault.Permanent(err) // no retry, no trip, no fallback
//	}
package fault

import (
	"context"
	"errors"
	"reflect"
	"strings"
)

// A Class is the kind of end a call came to. The zero Class is [ClassSuccess].
type Class uint8

// The classes, and what the policies do about each unless told otherwise.
const (
	// ClassSuccess is a call without an error.
	ClassSuccess Class = iota
	// ClassPermanent is an answer, and the answer is no: the breaker counts a success, nothing is repeated or replaced.
	ClassPermanent
	// ClassIgnored says nothing of the dependency's health: it is not counted, repeated or replaced.
	ClassIgnored
	// ClassTransient is a failure that may pass; every error that nobody has spoken for is one.
	ClassTransient
	// ClassTimeout is a failure to answer in time.
	ClassTimeout
	// ClassOverload is a dependency that asks for less, as by an HTTP 429 or 503: mark such errors with [Overload]. It is a failure,
	// repeated later than others.
	ClassOverload
	// ClassRejected is a call that a policy refused, so that the dependency never saw it: it is no failure, and is not repeated.
	ClassRejected
	// ClassCanceled is a call whose caller has gone, or that was over before it began: nobody's fault.
	ClassCanceled
	// ClassAborted is a call that panicked.
	ClassAborted
	// ClassExited is a call that ended its goroutine by runtime.Goexit.
	ClassExited
	// ClassSuperseded is a copy of a call that a faster copy made unnecessary.
	ClassSuperseded

	classes // how many there are
)

var names = [classes]string{
	"success", "permanent", "ignored", "transient", "timeout", "overload",
	"rejected", "canceled", "panic", "exited", "superseded",
}

// String returns the class in one lower-case word, which is also its name in telemetry.
func (c Class) String() string {
	if c < classes {
		return names[c]
	}
	return "unknown"
}

// Valid reports whether c is one of the classes of this package.
func (c Class) Valid() bool { return c < classes }

// Failure reports whether the dependency is at fault: transient, timeout, overload, or a panic.
func (c Class) Failure() bool {
	switch c {
	case ClassTransient, ClassTimeout, ClassOverload, ClassAborted:
		return true
	default:
		return false
	}
}

// classed is an error that knows its class. Errors of any package may be: a method Fault is all it takes.
type classed interface {
	error
	Fault() Class
}

// timed is how package net, and half the world after it, says that an error is a timeout.
type timed interface {
	error
	Timeout() bool
}

// Of returns the class of err, looking through everything it wraps, outermost first:
//
//  1. a mark of this package, or an error's own method Fault() Class, or the Permanent of cenkalti/backoff;
//  2. context.Canceled is canceled;
//  3. context.DeadlineExceeded, and any error whose method Timeout() reports true, is a timeout;
//  4. any other error is transient, and no error is a success.
//
// It costs a walk over the wrapped errors and allocates nothing.
func Of(err error) Class {
	if err == nil {
		return ClassSuccess
	}
	if c, ok := marked(err); ok {
		return c
	}
	if errors.Is(err, context.Canceled) {
		return ClassCanceled
	}
	if errors.Is(err, context.DeadlineExceeded) || visit(err, timedOut) {
		return ClassTimeout
	}
	return ClassTransient
}

// timedOut reports whether err itself says that it is a timeout. One that says no may hold one that says yes: a *url.Error asks no
// deeper than the error it holds.
func timedOut(err error) bool {
	t, ok := err.(timed) //nolint:errorlint // visit does the unwrapping
	return ok && t.Timeout()
}

// marked looks for the outermost error in err's tree that somebody has classified.
func marked(err error) (class Class, found bool) {
	visit(err, func(e error) bool {
		if c, ok := e.(classed); ok { //nolint:errorlint // visit does the unwrapping
			class, found = c.Fault(), true
		} else if backoffPermanent(e) {
			class, found = ClassPermanent, true
		}
		return found
	})
	return class, found
}

// backoffPermanent knows what Permanent returns in every major version of cenkalti/backoff, a *PermanentError and, from version 6 on, a
// *permanent, by its name, so that nobody who does not use that package has to download it.
func backoffPermanent(err error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return (t.Name() == "PermanentError" || t.Name() == "permanent") && strings.Contains(t.PkgPath(), "github.com/cenkalti/backoff")
}
