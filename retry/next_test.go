package retry_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// Decisions, in the order in which they are taken: is it one to repeat, and not final, are there attempts left, how long is the wait, is there
// time, does the budget grant it.
// Each row fails at one of them, and whatever comes after it is left alone: a refused retry costs nothing.
func TestNext(t *testing.T) {
	second := retry.Constant(time.Second)
	gone := fault.End(errDown, fault.ClassCanceled)
	type options []retry.Option
	answers, rejections := options{retry.On(fault.ClassPermanent)}, options{retry.On(fault.ClassRejected)}
	for _, row := range []struct {
		name    string
		options options
		attempt int
		err     error
		left    time.Duration
		want    time.Duration
		stop    error
	}{
		{"the first attempt failed", nil, 1, errDown, noDeadline, time.Second, nil},
		{"the second, too", nil, 2, errDown, noDeadline, time.Second, nil},
		{"the third was the last", nil, 3, errDown, noDeadline, 0, retry.ErrAttempts},
		{"beyond the last", nil, 4, errDown, noDeadline, 0, retry.ErrAttempts},
		{"two in all", options{retry.Attempts(2)}, 2, errDown, noDeadline, 0, retry.ErrAttempts},
		{"any number", options{retry.UnlimitedAttempts()}, 1_000_000, errDown, noDeadline, time.Second, nil},
		{"one in all is no retry, and gives nothing up", options{retry.Attempts(1)}, 1, errDown, noDeadline, 0, fault.ErrFinal},

		{"a timeout", nil, 1, context.DeadlineExceeded, noDeadline, time.Second, nil},
		{"an overload", options{retry.OverloadBase(0)}, 1, fault.Overload(errDown, 0), noDeadline, time.Second, nil},
		{"an answer", nil, 1, fault.Permanent(errDown), noDeadline, 0, fault.ErrFinal},
		{"one to ignore", nil, 1, fault.Ignore(errDown), noDeadline, 0, fault.ErrFinal},
		{"a rejection inside", nil, 1, fault.End(errDown, fault.ClassRejected), noDeadline, 0, fault.ErrFinal},
		{"the caller has gone", nil, 1, gone, noDeadline, 0, fault.ErrFinal},
		{"a cancellation that nobody looked into", nil, 1, context.Canceled, noDeadline, 0, fault.ErrFinal},
		{"a panic", nil, 1, fault.ErrAborted, noDeadline, 0, fault.ErrFinal},
		{"a Goexit", nil, 1, fault.ErrExited, noDeadline, 0, fault.ErrFinal},
		{"a copy that lost", nil, 1, fault.Superseded(true), noDeadline, 0, fault.ErrFinal},
		{"no error at all", nil, 1, nil, noDeadline, 0, fault.ErrFinal},
		{"an answer to the last attempt", nil, 3, fault.Permanent(errDown), noDeadline, 0, fault.ErrFinal},

		{"a final failure", nil, 1, fault.Final(errDown), noDeadline, 0, fault.ErrFinal},
		{"wrapped", nil, 1, fmt.Errorf("get: %w", fault.Final(errDown)), noDeadline, 0, fault.ErrFinal},
		{"below the driver's mark", nil, 1, fault.End(fault.Final(errDown), fault.ClassTimeout), noDeadline, 0, fault.ErrFinal},
		{"with a hint", nil, 1, fault.Final(hinted{time.Second}), noDeadline, 0, fault.ErrFinal},
		{"as the last attempt: nothing is given up", nil, 3, fault.Final(errDown), noDeadline, 0, fault.ErrFinal},
		{"out of time", nil, 1, fault.Final(errDown), -1, 0, fault.ErrFinal},
		{"On has no say in it", answers, 1, fault.Final(fault.Permanent(errDown)), noDeadline, 0, fault.ErrFinal},
		{"nor has Classify", options{says(fault.ClassTransient)}, 1, fault.Final(errDown), noDeadline, 0, fault.ErrFinal},
		{"nor a mark around it", nil, 1, fault.Transient(fault.Final(errDown)), noDeadline, 0, fault.ErrFinal},
		{"an error that says that it is not final", nil, 1, repeatable{fault.Final(errDown)}, noDeadline, time.Second, nil},

		{"On says that answers are repeated", answers, 1, fault.Permanent(errDown), noDeadline, time.Second, nil},
		{"and nothing else is", answers, 1, errDown, noDeadline, 0, fault.ErrFinal},
		{"On says rejected", rejections, 1, fault.End(errDown, fault.ClassRejected), noDeadline, time.Second, nil},

		{"Classify says that it is an answer", options{says(fault.ClassPermanent)}, 1, errDown, noDeadline, 0, fault.ErrFinal},
		{"Classify says that it is none", options{says(fault.ClassTransient)}, 1, fault.Permanent(errDown), noDeadline, time.Second, nil},
		{"Classify is not asked about who has gone", options{says(fault.ClassTransient)}, 1, gone, noDeadline, 0, fault.ErrFinal},
		{"nor about a panic", options{says(fault.ClassTransient)}, 1, fault.ErrAborted, noDeadline, 0, fault.ErrFinal},
		{"Classify says what is no class", options{says(fault.Class(200))}, 1, errDown, noDeadline, 0, fault.ErrFinal},

		{"time for it", nil, 1, errDown, time.Second + 1, time.Second, nil},
		{"the deadline is when it would begin", nil, 1, errDown, time.Second, 0, retry.ErrDeadline},
		{"the deadline is before", nil, 1, errDown, time.Millisecond, 0, retry.ErrDeadline},
		{"the deadline has passed", nil, 1, errDown, -time.Hour, 0, retry.ErrDeadline},
		{"no wait, and no time", options{retry.Constant(0)}, 1, errDown, 0, 0, retry.ErrDeadline},
		{"no wait, and time", options{retry.Constant(0)}, 1, errDown, 1, 0, nil},
		{"out of attempts comes before out of time", nil, 3, errDown, -1, 0, retry.ErrAttempts},
	} {
		t.Run(row.name, func(t *testing.T) {
			for name, b := range map[string]*budget.Budget{"with a budget": budget.New(), "with an empty one": budget.None()} {
				before := b.Snapshot()
				events := 0
				told := retry.OnRetry(func(retry.Event) { events++ })
				p := retry.New(append(options{second, retry.NoJitter(), retry.Budget(b), told}, row.options...)...)

				wait, stop := p.Next(p.Start(), row.attempt, row.err, row.left)

				after := b.Snapshot()
				switch {
				case row.stop != nil: // refused before the budget was asked: it does not even know
					assert.Same(t, row.stop, stop, name)
					assert.Zero(t, wait, name)
					assert.Equal(t, before, after, name)
					assert.Zero(t, events, name)
				case b.Snapshot().Balance == 0: // refused by the budget: nobody is told
					assert.Same(t, retry.ErrBudget, stop, name)
					assert.Zero(t, wait, name)
					assert.Equal(t, before.Refused+1, after.Refused, name)
					assert.Zero(t, events, name)
				default:
					assert.NoError(t, stop, name)
					assert.Equal(t, row.want, wait, name)
					assert.Equal(t, before.Balance-1, after.Balance, name)
					assert.Equal(t, 1, events, name)
				}
			}
		})
	}
}

// repeatable is an error that says that another attempt may follow, whatever it wraps.
type repeatable struct{ error }

func (repeatable) Final() bool     { return false }
func (r repeatable) Unwrap() error { return r.error }

func says(class fault.Class) retry.Option {
	return retry.Classify(func(error) fault.Class { return class })
}

// A policy without a budget is bounded by its attempts alone: the pipeline it stands in gives it one.
func TestNextWithoutABudget(t *testing.T) {
	p := retry.New(retry.UnlimitedAttempts(), retry.Constant(time.Second), retry.NoJitter())
	assert.Nil(t, p.Budget())
	for attempt := range 1000 {
		wait, stop := next(p, attempt+1, errDown)
		assert.NoError(t, stop)
		assert.Equal(t, time.Second, wait)
	}
	b := budget.None()
	bounded := p.WithBudget(b).(*retry.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
	assert.Same(t, b, bounded.Budget())
	assert.Nil(t, p.Budget(), "the policy itself is not changed")
	_, stop := next(bounded, 1, errDown)
	assert.Same(t, retry.ErrBudget, stop)
}

// Unlimited is a number of attempts too, and one cannot count beyond it.
func TestTheLastOfUnlimitedAttempts(t *testing.T) {
	p := retry.New(retry.UnlimitedAttempts(), retry.NoJitter())
	wait, stop := next(p, math.MaxInt-1, errDown)
	assert.NoError(t, stop)
	assert.Equal(t, 5*time.Second, wait)
	_, stop = next(p, math.MaxInt, errDown)
	assert.Same(t, retry.ErrAttempts, stop)
}

// To decide costs no allocation: in an outage every call asks.
func TestDecidingAllocatesNothing(t *testing.T) {
	p := retry.New(retry.Budget(budget.Unlimited()))
	for _, err := range []error{
		errDown, fault.Permanent(errDown), fault.Overload(errDown, time.Second), fmt.Errorf("x: %w", errDown),
		fault.Final(errDown), pushed{time.Second}, pushed{-1}, fmt.Errorf("x: %w", pushed{math.MaxInt64}),
	} {
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			book := p.Start()
			_, _ = p.Next(book, 1, err, noDeadline)
			p.Settle(book, 2, 1, 0, nil)
		}), err)
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = p.Start() }), "there is nothing to remember but the settings")
}
