package breaker_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// How a call ends is up to the opinion of then.
func TestUpdateClassify(t *testing.T) {
	in(t, "Classify and back", func(t *testing.T) {
		b := simple()
		token := begin(t, b)
		update(t, b, breaker.Classify(func(error) fault.Class { return fault.ClassPermanent }))
		b.Release(token, errDown)
		assert.Equal(t, breaker.Counts{Calls: 1}, b.Snapshot().Counts)
		update(t, b, breaker.Classify(fault.Of))
		call(t, b, errDown)
		assert.Equal(t, uint64(1), b.Snapshot().Counts.Failures)
	})
	in(t, "CountAs and back, one class at a time", func(t *testing.T) {
		b := simple(breaker.CountAs(fault.ClassPermanent, fault.ClassTransient))
		update(t, b, breaker.CountAs(fault.ClassCanceled, fault.ClassTransient))
		call(t, b, fault.Permanent(errDown))
		call(t, b, fault.End(errDown, fault.ClassCanceled))
		assert.Equal(t, uint64(2), b.Snapshot().Counts.Failures)
		update(t, b, breaker.CountAs(fault.ClassPermanent, fault.ClassPermanent))
		call(t, b, fault.Permanent(errDown))
		assert.Equal(t, breaker.Counts{Calls: 3, Failures: 2}, b.Snapshot().Counts)
		call(t, b, fault.End(errDown, fault.ClassCanceled))
		assert.Equal(t, uint64(3), b.Snapshot().Counts.Failures)
	})
}

// A classifier takes its time, and an update may come meanwhile. The call counts, and what it makes of the breaker is up to the new numbers.
func TestUpdateWhileClassifying(t *testing.T) {
	story := func(options ...breaker.Option) *breaker.Breaker {
		var b *breaker.Breaker
		b = simple(breaker.Probes(1), breaker.Classify(func(err error) fault.Class {
			if errors.Is(err, errOdd) {
				assert.NoError(t, b.Update(options...))
			}
			return fault.Of(err)
		}))
		return b
	}
	in(t, "the last straw", func(t *testing.T) {
		b := story(breaker.Probes(2))
		calls(t, b, 2, errDown)
		call(t, b, errOdd)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "no longer the last straw", func(t *testing.T) {
		b := story(breaker.ConsecutiveFailures(4))
		calls(t, b, 2, errDown)
		call(t, b, errOdd)
		assert.Equal(t, breaker.Closed, b.State())
		call(t, b, errDown)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "a probe", func(t *testing.T) {
		b := story(breaker.Ramp(time.Second))
		toHalfOpen(t, b)
		call(t, b, errOdd)
		assert.Equal(t, breaker.Open, b.State())
	})
	in(t, "one probe of more", func(t *testing.T) {
		b := story(breaker.Probes(3))
		toHalfOpen(t, b)
		call(t, b, errOdd)
		assert.Equal(t, breaker.HalfOpen, b.State())
		assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1}, b.Snapshot().Counts)
	})
}
