package breaker_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// CountAs has the last word on what becomes of a class, also of those that no classifier is asked about.
func TestCountAs(t *testing.T) {
	for _, test := range []struct {
		name      string
		class, as fault.Class
		err       error
		want      string
	}{
		{"a caller who has gone", fault.ClassCanceled, fault.ClassTransient, fault.End(errDown, fault.ClassCanceled), failure},
		{"a panic", fault.ClassAborted, fault.ClassIgnored, fault.ErrAborted, uncounted},
		{"a Goexit", fault.ClassExited, fault.ClassTransient, fault.ErrExited, failure},
		{"a rejection by a policy inside", fault.ClassRejected, fault.ClassOverload, &breaker.OpenError{}, failure},
		{"an overload, in the other direction", fault.ClassOverload, fault.ClassSuccess, fault.Overload(errDown, 0), success},
		{"an answer", fault.ClassPermanent, fault.ClassTransient, fault.Permanent(errDown), failure},
		{"what is to be ignored", fault.ClassIgnored, fault.ClassPermanent, fault.Ignore(errDown), success},
		{"an overtaken copy, slow or not", fault.ClassSuperseded, fault.ClassTransient, fault.Superseded(false), failure},
		{"an overtaken copy that was slow", fault.ClassSuperseded, fault.ClassIgnored, fault.Superseded(true), uncounted},
		{"as overtaken, which it was not", fault.ClassTransient, fault.ClassSuperseded, errDown, uncounted},
		{"another class", fault.ClassTimeout, fault.ClassIgnored, errDown, failure},
		{"no error at all", fault.ClassTransient, fault.ClassIgnored, nil, success},
		{"as itself", fault.ClassTransient, fault.ClassTransient, errDown, failure},
		{"a class of the future", fault.ClassTransient, fault.ClassIgnored, alien{}, uncounted},
	} {
		want := map[string]breaker.Counts{success: {Calls: 1}, failure: {Calls: 1, Failures: 1}, uncounted: {}}[test.want]
		in(t, test.name+"/closed", func(t *testing.T) {
			b := simple(breaker.CountAs(test.class, test.as))
			call(t, b, test.err)
			got := b.Snapshot().Counts
			got.Consecutive = 0
			assert.Equal(t, want, got)
		})
		in(t, test.name+"/half-open", func(t *testing.T) {
			b := simple(breaker.CountAs(test.class, test.as), breaker.Probes(3))
			outage := context.DeadlineExceeded
			if test.class == fault.ClassTimeout {
				outage = errDown
			}
			calls(t, b, 3, outage)
			time.Sleep(10 * time.Second)
			require.Equal(t, breaker.HalfOpen, b.State())
			call(t, b, test.err)
			assert.Equal(t, want, b.Snapshot().Counts)
			assert.Zero(t, b.Snapshot().Probing)
		})
	}
}

// It comes after Classify, once: what a class counts as is not looked up again.
func TestCountAsAfterClassify(t *testing.T) {
	b := simple(
		breaker.Classify(func(error) fault.Class { return fault.ClassOverload }),
		breaker.CountAs(fault.ClassOverload, fault.ClassIgnored), breaker.CountAs(fault.ClassIgnored, fault.ClassTransient),
	)
	call(t, b, errDown)
	assert.Zero(t, b.Snapshot().Counts)
}

// The last of two that speak of the same class counts.
func TestCountAsAgain(t *testing.T) {
	b := simple(breaker.CountAs(fault.ClassCanceled, fault.ClassTransient), breaker.CountAs(fault.ClassCanceled, fault.ClassSuccess))
	call(t, b, context.Canceled)
	assert.Equal(t, breaker.Counts{Calls: 1}, b.Snapshot().Counts)
}
