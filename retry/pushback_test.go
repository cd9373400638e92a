package retry_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// pushed is an error with which the dependency decides about the repeat.
type pushed struct{ wait time.Duration }

func (p pushed) Error() string                   { return fmt.Sprintf("pushed back for %v", p.wait) }
func (p pushed) Pushback() (time.Duration, bool) { return p.wait, true }

// both is an error with a hint and a decision.
type both struct {
	hinted
	pushed
}

func (both) Error() string { return "both" }

// What the dependency has decided is done exactly, shorter than the schedule or longer, or not at all. It comes after the attempts, and before
// whatever limits the time; and whatever refuses the attempt costs nothing.
func TestPushback(t *testing.T) {
	type options []retry.Option
	second, never := pushed{time.Second}, pushed{-1}
	over := options{retry.Schedule(func(int) time.Duration { return -1 })}
	for _, row := range []struct {
		name    string
		options options
		attempt int
		err     error
		left    time.Duration
		want    time.Duration
		stop    error
	}{
		{"longer than the schedule's wait", nil, 1, second, noDeadline, time.Second, nil},
		{"shorter", nil, 1, pushed{1}, noDeadline, 1, nil},
		{"at once", nil, 1, pushed{0}, noDeadline, 0, nil},
		{"wrapped", nil, 1, fmt.Errorf("get: %w", second), noDeadline, time.Second, nil},
		{"below the driver's mark", nil, 1, fault.End(second, fault.ClassTimeout), noDeadline, time.Second, nil},
		{"of an overload, for which the schedule waits longer", nil, 1, errors.Join(fault.Overload(errDown, 0), pushed{5}), noDeadline, 5, nil},
		{"instead of a schedule that is over", over, 1, second, noDeadline, time.Second, nil},

		{"never", nil, 1, never, noDeadline, 0, retry.ErrPushback},
		{"never ever", nil, 1, pushed{math.MinInt64}, noDeadline, 0, retry.ErrPushback},
		{"never, before the deadline is looked at", nil, 1, never, 0, 0, retry.ErrPushback},
		{"never, before the schedule is", over, 1, never, noDeadline, 0, retry.ErrPushback},
		{"as long as is allowed", nil, 1, pushed{30 * time.Second}, noDeadline, 30 * time.Second, nil},
		{"longer than is allowed", nil, 1, pushed{30*time.Second + 1}, noDeadline, 0, retry.ErrHint},
		{"as long as there is", nil, 1, pushed{math.MaxInt64}, noDeadline, 0, retry.ErrHint},
		{"longer than one's own limit", options{retry.MaxHint(ms)}, 1, second, noDeadline, 0, retry.ErrHint},
		{"no limit to speak of", options{retry.MaxHint(math.MaxInt64)}, 1, pushed{math.MaxInt64 - 1}, noDeadline, math.MaxInt64 - 1, nil},
		{"none to speak of, and none left", options{retry.MaxHint(math.MaxInt64)}, 1, pushed{math.MaxInt64}, noDeadline, 0, retry.ErrDeadline},
		{"none is heard, but one may come back at once", options{retry.MaxHint(0)}, 1, pushed{0}, noDeadline, 0, nil},
		{"none is heard", options{retry.MaxHint(0)}, 1, pushed{1}, noDeadline, 0, retry.ErrHint},

		{"a decision counts more than a hint", nil, 1, both{hinted{time.Minute}, second}, noDeadline, time.Second, nil},
		{"whichever comes first", nil, 1, errors.Join(hinted{time.Minute}, second), noDeadline, time.Second, nil},
		{"a refusal, too", nil, 1, both{hinted{time.Millisecond}, never}, noDeadline, 0, retry.ErrPushback},

		{"beyond Elapsed", options{retry.Elapsed(time.Second)}, 1, second, 0, 0, retry.ErrElapsed},
		{"within Elapsed", options{retry.Elapsed(time.Second + 1)}, 1, second, noDeadline, time.Second, nil},
		{"at the deadline", nil, 1, second, time.Second, 0, retry.ErrDeadline},
		{"just before the deadline", nil, 1, second, time.Second + 1, time.Second, nil},
		{"beyond the deadline, and longer than is allowed", nil, 1, pushed{time.Minute}, time.Second, 0, retry.ErrHint},
		{"of the last attempt", nil, 3, never, noDeadline, 0, retry.ErrAttempts},
		{"one attempt in all", options{retry.Attempts(1)}, 1, never, noDeadline, 0, fault.ErrFinal},
		{"of an answer: it is no question", nil, 1, fault.Permanent(never), noDeadline, 0, fault.ErrFinal},
		{"of a final failure", nil, 1, fault.Final(second), noDeadline, 0, fault.ErrFinal},
		{"Classify has no say in it", options{says(fault.ClassTransient)}, 1, never, noDeadline, 0, retry.ErrPushback},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for name, b := range map[string]*budget.Budget{"with a budget": budget.New(), "with an empty one": budget.None()} {
					before := b.Snapshot()
					p := retry.New(append(options{retry.Budget(b)}, row.options...)...) // with its jitter, which has no say
					wait, stop := p.Next(p.Start(), row.attempt, row.err, row.left)
					switch {
					case row.stop != nil: // refused before the budget was asked: it does not even know
						assert.Same(t, row.stop, stop, name)
						assert.Zero(t, wait, name)
						assert.Equal(t, before, b.Snapshot(), name)
					case name == "with an empty one":
						assert.Same(t, retry.ErrBudget, stop)
						assert.Zero(t, wait)
					default:
						assert.NoError(t, stop)
						assert.Equal(t, row.want, wait)
						assert.Equal(t, before.Balance-1, b.Snapshot().Balance)
					}
				}
			})
		})
	}
}

// Where the retry remembers something of a call, the waits after a decision grow from the beginning, and so on after each. Where it does
// not, they go by the attempt's number.
func TestTheScheduleAfterAPushback(t *testing.T) {
	type waits []time.Duration
	type options []retry.Option
	const push = 12345 * ms
	long := retry.Elapsed(time.Hour)
	count := retry.Schedule(func(n int) time.Duration { return time.Duration(n) * ms })
	backOff := retry.FromBackOff(func() retry.BackOff { return exponential() })
	for _, row := range []struct {
		name    string
		options options
		err     error
		want    waits // after each attempt; where it is push, the dependency said so
	}{
		{"with Elapsed", options{long}, errDown, waits{100 * ms, 200 * ms, push, 100 * ms, 200 * ms, 400 * ms, push, 100 * ms}},
		{"at once", options{long}, errDown, waits{push, 100 * ms, 200 * ms}},
		{"twice in a row", options{long}, errDown, waits{100 * ms, push, push, 100 * ms}},
		{"linear", options{long, retry.Linear(10*ms, 5*ms, time.Second)}, errDown, waits{10 * ms, 15 * ms, push, 10 * ms}},
		{"overloaded", options{long}, fault.Overload(errDown, 0), waits{time.Second, 2 * time.Second, push, time.Second}},
		{"with a BackOff", options{backOff}, errDown, waits{10 * ms, 20 * ms, push, 10 * ms, 20 * ms, 40 * ms}},
		{"with a BackOff and Elapsed", options{backOff, long}, errDown, waits{10 * ms, 20 * ms, push, 10 * ms}},

		{"nothing is remembered", nil, errDown, waits{100 * ms, push, 400 * ms, 800 * ms}},
		{"nothing is remembered of an overload", nil, fault.Overload(errDown, 0), waits{time.Second, push, 4 * time.Second}},
		{"Schedule is promised the number", options{count, long}, errDown, waits{1 * ms, 2 * ms, push, 4 * ms}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := retry.New(append(options{retry.UnlimitedAttempts(), retry.NoJitter()}, row.options...)...)
				book := p.Start()
				for i, want := range row.want {
					err := row.err
					if want == push {
						err = pushed{push}
					}
					wait, stop := p.Next(book, i+1, err, noDeadline)
					require.NoError(t, stop)
					assert.Equal(t, want, wait, "after attempt %d", i+1)
				}
			})
		})
	}
}

// Decorrelated grows by its last wait, which a decision makes it forget.
func TestDecorrelatedAfterAPushback(t *testing.T) {
	p := retry.New(retry.UnlimitedAttempts(), retry.Decorrelated(time.Second, time.Hour))
	assertSpread(t, time.Second, 3*time.Second, func() time.Duration {
		book := p.Start()
		for attempt := range 8 {
			_, stop := p.Next(book, attempt+1, errDown, noDeadline)
			require.NoError(t, stop)
		}
		_, stop := p.Next(book, 9, pushed{time.Second}, noDeadline)
		require.NoError(t, stop)
		wait, stop := p.Next(book, 10, errDown, noDeadline)
		require.NoError(t, stop)
		return wait
	})
}

// A BackOff is not asked about a wait that the dependency decides on, and is reset where the call goes on.
func TestABackOffIsResetByAPushback(t *testing.T) {
	s := &spy{}
	p := retry.New(retry.FromBackOff(func() retry.BackOff { return s }), retry.UnlimitedAttempts())
	book := p.Start()
	_, _ = p.Next(book, 1, errDown, noDeadline)
	assert.Equal(t, spy{resets: 1, asked: 1}, *s)
	_, _ = p.Next(book, 2, pushed{time.Second}, noDeadline)
	assert.Equal(t, spy{resets: 2, asked: 1}, *s)
	_, _ = p.Next(book, 3, pushed{-1}, noDeadline)
	_, _ = p.Next(book, 3, pushed{time.Hour}, noDeadline)
	assert.Equal(t, spy{resets: 2, asked: 1}, *s, "the call has ended")
}
