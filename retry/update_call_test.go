package retry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// gaps runs a call that always fails with err, and returns the waits between its attempts. meanwhile is called in the first attempt.
func gaps(t *testing.T, p *ductile.Pipeline, err error, meanwhile func()) (waits []time.Duration, end error) {
	t.Helper()
	var last time.Time
	end = ductile.Run(t.Context(), p, func(context.Context) error {
		if last.IsZero() {
			meanwhile()
		} else {
			waits = append(waits, time.Since(last))
		}
		last = time.Now()
		return err
	})
	return waits, end
}

func nothing() {}

// A call that is under way goes to its end by what it began with, whatever it is that changes and whatever its schedule remembers. The next
// one goes by what is set then.
func TestACallKeepsItsSettings(t *testing.T) {
	busy := fault.Overload(errDown, 0)
	asks := hinted{3 * time.Second}
	type waits []time.Duration
	type options []retry.Option
	own := func(wait time.Duration) retry.Option { return retry.Schedule(func(int) time.Duration { return wait }) }
	foreign := func(step time.Duration) retry.Option {
		return retry.FromBackOff(func() *steps { return &steps{step: step} })
	}
	second := retry.Constant(time.Second)
	for _, row := range []struct {
		name          string
		made, updated options
		err           error
		before, after waits
		stop, stopped error // why each gave up; nil: returned as it is
	}{
		{"more attempts", options{second}, options{retry.Attempts(4)}, errDown,
			waits{time.Second, time.Second}, waits{time.Second, time.Second, time.Second}, retry.ErrAttempts, retry.ErrAttempts},
		{"one attempt", options{second}, options{retry.Attempts(1)}, errDown, waits{time.Second, time.Second}, nil, retry.ErrAttempts, nil},
		{"from one attempt", options{second, retry.Attempts(1)}, options{retry.Attempts(2)}, errDown, nil, waits{time.Second}, nil, retry.ErrAttempts},
		{"a schedule", nil, options{second}, errDown, waits{100 * ms, 200 * ms}, waits{time.Second, time.Second},
			retry.ErrAttempts, retry.ErrAttempts},
		{"to a function", options{second}, options{own(ms)}, errDown, waits{time.Second, time.Second}, waits{ms, ms},
			retry.ErrAttempts, retry.ErrAttempts},
		{"from a function", options{own(ms)}, options{second}, errDown, waits{ms, ms}, waits{time.Second, time.Second},
			retry.ErrAttempts, retry.ErrAttempts},
		{"to a BackOff", options{second}, options{foreign(ms)}, errDown, waits{time.Second, time.Second}, waits{ms, 2 * ms},
			retry.ErrAttempts, retry.ErrAttempts},
		{"from a BackOff", options{foreign(ms)}, options{second}, errDown, waits{ms, 2 * ms}, waits{time.Second, time.Second},
			retry.ErrAttempts, retry.ErrAttempts},
		{"to another BackOff", options{foreign(ms)}, options{foreign(time.Second)}, errDown, waits{ms, 2 * ms}, waits{time.Second, 2 * time.Second},
			retry.ErrAttempts, retry.ErrAttempts},
		{"to a limit in time", options{second}, options{retry.Elapsed(2 * time.Second)}, errDown, waits{time.Second, time.Second}, waits{time.Second},
			retry.ErrAttempts, retry.ErrElapsed},
		{"without a limit in time", options{second, retry.Elapsed(2 * time.Second)}, options{retry.NoElapsed()}, errDown,
			waits{time.Second}, waits{time.Second, time.Second}, retry.ErrElapsed, retry.ErrAttempts},
		{"another limit in time", options{second, retry.Elapsed(2 * time.Second)}, options{retry.Elapsed(time.Second)}, errDown,
			waits{time.Second}, nil, retry.ErrElapsed, retry.ErrElapsed},
		{"the longest hint", options{second, retry.Attempts(2)}, options{retry.MaxHint(2 * time.Second)}, asks,
			waits{3 * time.Second}, nil, retry.ErrAttempts, retry.ErrHint},
		{"the base of overloads", options{second}, options{retry.OverloadBase(time.Minute)}, busy,
			waits{time.Second, time.Second}, waits{time.Minute, time.Minute}, retry.ErrAttempts, retry.ErrAttempts},
		{"which classes", options{second}, options{retry.On(fault.ClassTimeout)}, errDown, waits{time.Second, time.Second}, nil, retry.ErrAttempts, nil},
		{"an opinion", options{second}, options{says(fault.ClassPermanent)}, errDown, waits{time.Second, time.Second}, nil, retry.ErrAttempts, nil},
		{"an opinion taken back", options{second, says(fault.ClassPermanent)}, options{retry.Classify(fault.Of)}, errDown,
			nil, waits{time.Second, time.Second}, nil, retry.ErrAttempts},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := retry.New(append(options{retry.NoJitter(), retry.Budget(budget.Unlimited())}, row.made...)...)
				pipeline := ductile.New("p", p)
				got, err := gaps(t, pipeline, row.err, func() { assert.NoError(t, p.Update(row.updated...)) })
				assert.Equal(t, []time.Duration(row.before), got)
				assertStopped(t, row.stop, row.err, err)
				got, err = gaps(t, pipeline, row.err, nothing)
				assert.Equal(t, []time.Duration(row.after), got)
				assertStopped(t, row.stopped, row.err, err)
			})
		})
	}
}

func assertStopped(t *testing.T, stop, last, err error) {
	t.Helper()
	if stop == nil {
		assert.Equal(t, last, err)
		return
	}
	assert.ErrorIs(t, err, stop)
}

// steps is a BackOff that rises by a step.
type steps struct{ step, wait time.Duration }

func (s *steps) NextBackOff() time.Duration { s.wait += s.step; return s.wait }
func (s *steps) Reset()                     { s.wait = 0 }
