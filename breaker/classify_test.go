package breaker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

var errOdd = errors.New("odd")

// A classifier has the first word on what fn returned; it can ask fault.Of about what it has no opinion of.
func TestClassify(t *testing.T) {
	opinion := func(err error) fault.Class {
		switch {
		case errors.Is(err, errOdd):
			return fault.ClassPermanent
		case errors.Is(err, context.DeadlineExceeded):
			return fault.ClassIgnored
		default:
			return fault.Of(err)
		}
	}
	for _, test := range []struct {
		name string
		err  error
		want breaker.Counts
	}{
		{"its opinion", errOdd, breaker.Counts{Calls: 1}},
		{"over a mark", fault.Overload(errOdd, time.Second), breaker.Counts{Calls: 1}},
		{"over what the driver took for a timeout", fault.End(errOdd, fault.ClassTimeout), breaker.Counts{Calls: 1}},
		{"over what the driver took for a failure", fault.End(errOdd, fault.ClassTransient), breaker.Counts{Calls: 1}},
		{"a timeout that does not count", context.DeadlineExceeded, breaker.Counts{}},
		{"no opinion", errDown, breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := breaker.New(breaker.Classify(opinion))
			call(t, b, test.err)
			assert.Equal(t, test.want, b.Snapshot().Counts)
		})
	}
}

// Ends that only the driver knows are nobody's opinion: a classifier that takes every error for a failure must not make one of a
// caller who hung up.
func TestClassifierIsNotAskedOfTheDriversEnds(t *testing.T) {
	for name, end := range map[string]struct {
		err  error
		want breaker.Counts
	}{
		"success":           {nil, breaker.Counts{Calls: 1}},
		"canceled":          {fault.End(errDown, fault.ClassCanceled), breaker.Counts{}},
		"panic":             {fault.ErrAborted, breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}},
		"Goexit":            {fault.ErrExited, breaker.Counts{}},
		"superseded":        {fault.Superseded(false), breaker.Counts{}},
		"superseded, slow":  {fault.Superseded(true), breaker.Counts{Calls: 1, Slow: 1, Consecutive: 1}},
		"marked superseded": {fault.End(errDown, fault.ClassSuperseded), breaker.Counts{}},
	} {
		t.Run(name, func(t *testing.T) {
			b := breaker.New(breaker.Classify(func(err error) fault.Class {
				t.Errorf("asked of %v", err)
				return fault.ClassTransient
			}))
			call(t, b, end.err)
			assert.Equal(t, end.want, b.Snapshot().Counts)
		})
	}
}

// The classifier is the user's code, so the breaker holds no lock while it asks it.
func TestClassifierMayUseTheBreaker(t *testing.T) {
	in(t, "in any state", func(t *testing.T) {
		var b *breaker.Breaker
		b = simple(breaker.Classify(func(err error) fault.Class {
			b.Snapshot()
			return fault.Of(err)
		}))
		toHalfOpen(t, b)
		call(t, b, errDown)
		assert.Equal(t, breaker.Open, b.State())
	})
}

// A classifier that panics takes its call with it, and nothing else.
func TestPanickingClassifier(t *testing.T) {
	boom := func(error) fault.Class { panic("boom") }
	in(t, "closed", func(t *testing.T) {
		b := simple(breaker.Classify(boom))
		assert.PanicsWithValue(t, "boom", func() { call(t, b, errDown) })
		assert.Zero(t, b.Snapshot().Counts)
		calls(t, b, 10, nil)
	})
	in(t, "half-open", func(t *testing.T) {
		b := simple(breaker.Classify(boom))
		calls(t, b, 3, fault.ErrAborted)
		time.Sleep(10 * time.Second)
		for range 10 { // more often than there are places
			assert.PanicsWithValue(t, "boom", func() { call(t, b, errDown) })
		}
		calls(t, b, 2, nil)
		assert.Equal(t, breaker.Closed, b.State())
	})
}
