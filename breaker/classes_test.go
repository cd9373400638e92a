package breaker_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// alien is an error with a class that package fault does not know.
type alien struct{}

func (alien) Error() string      { return "alien" }
func (alien) Fault() fault.Class { return 99 }

// What a call's end is to a breaker.
const (
	success   = "success"
	failure   = "failure"
	slow      = "slow" // and neither of the two
	uncounted = "not counted"
)

// ends has every way in which a call can end, as a gate hears of it.
var ends = []struct {
	name string
	err  error
	is   string
}{
	{"success", nil, success},
	{"permanent", fault.Permanent(errDown), success},
	{"permanent, wrapped", fmt.Errorf("stock: %w", fault.Permanent(errDown)), success},
	{"ignored", fault.Ignore(errDown), uncounted},
	{"an error nobody has spoken for", errDown, failure},
	{"transient", fault.Transient(fault.Permanent(errDown)), failure},
	{"a cancellation that was not the caller's", fault.End(context.Canceled, fault.ClassTransient), failure},
	{"timeout", fault.Timeout(errDown), failure},
	{"deadline exceeded", context.DeadlineExceeded, failure},
	{"the caller's deadline", fault.End(errDown, fault.ClassTimeout), failure},
	{"overload", fault.Overload(errDown, time.Second), failure},
	{"rejected by a policy inside", &breaker.OpenError{}, uncounted},
	{"rejected by anybody's policy", fault.End(errDown, fault.ClassRejected), uncounted},
	{"canceled by the caller, whatever the error", fault.End(errDown, fault.ClassCanceled), uncounted},
	{"canceled", context.Canceled, uncounted},
	{"panic", fault.ErrAborted, failure},
	{"Goexit", fault.ErrExited, uncounted},
	{"overtaken before it was slow", fault.Superseded(false), uncounted},
	{"overtaken when it was slow", fault.Superseded(true), slow},
	{"a class of the future", alien{}, uncounted},
}

func TestEndsWhileClosed(t *testing.T) {
	want := map[string]breaker.Counts{ // after two failures in a row
		success:   {Calls: 3, Failures: 2, Slow: 0, Consecutive: 0},
		failure:   {Calls: 3, Failures: 3, Slow: 0, Consecutive: 3},
		slow:      {Calls: 3, Failures: 2, Slow: 1, Consecutive: 3},
		uncounted: {Calls: 2, Failures: 2, Slow: 0, Consecutive: 2},
	}
	for _, end := range ends {
		for name, options := range map[string][]breaker.Option{"time": nil, "count": {breaker.CountWindow(20)}} {
			t.Run(end.name+"/"+name+" window", func(t *testing.T) {
				b := breaker.New(options...)
				calls(t, b, 2, errDown)
				call(t, b, end.err)
				assert.Equal(t, want[end.is], b.Snapshot().Counts)
				b.ForceClosed()
				calls(t, b, 2, errDown)
				call(t, b, end.err)
				assert.Equal(t, want[end.is], b.Snapshot().Counts, "forced closed counts alike")
			})
		}
	}
}

func TestEndsOfProbes(t *testing.T) {
	want := map[string]breaker.Counts{
		success:   {Calls: 1},
		failure:   {Calls: 1, Failures: 1},
		slow:      {Calls: 1, Slow: 1},
		uncounted: {},
	}
	for _, end := range ends {
		in(t, end.name, func(t *testing.T) {
			b := simple(breaker.Probes(3), breaker.ProbeFailureRate(1))
			toHalfOpen(t, b)
			probe := begin(t, b)
			assert.Equal(t, 1, b.Snapshot().Probing)
			b.Release(probe, end.err)
			assert.Zero(t, b.Snapshot().Probing, "the place is free again, however the probe ended")
			assert.Equal(t, want[end.is], b.Snapshot().Counts)
		})
	}
}

// The end that was the last straw is shown without the driver's mark, which is for policies only.
func TestLastFailureIsTheCallers(t *testing.T) {
	in(t, "open", func(t *testing.T) {
		b := simple()
		calls(t, b, 3, fault.End(errDown, fault.ClassTimeout))
		assert.Same(t, errDown, refused(t, b).Last)
	})
	in(t, "open again", func(t *testing.T) {
		b := simple()
		toHalfOpen(t, b)
		other := errors.New("still down")
		call(t, b, fault.End(other, fault.ClassTransient))
		assert.Same(t, other, refused(t, b).Last)
	})
}

// A breaker under a hedge hears of a replica that hangs only as overtaken copies, and must open all the same. Copies that were
// overtaken early say nothing.
func TestHangingBehindAHedge(t *testing.T) {
	for _, test := range []struct {
		outlasted bool
		want      breaker.State
	}{{true, breaker.Open}, {false, breaker.Closed}} {
		synctest.Test(t, func(t *testing.T) {
			b := breaker.New()
			calls(t, b, 5, fault.Superseded(test.outlasted))
			assert.Equal(t, test.want, b.State())
		})
	}
}
