package ductile_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
)

// What a hedger is asked, what it is told, and when.

// It hears of a copy that did not return: how it ended, and that it was nobody's fault where the function had not been reached.
func TestTheHedgerHearsOfAbnormalEnds(t *testing.T) {
	before := func(end func()) ductile.Policy {
		return around(func(ctx context.Context, next func(context.Context) error) error {
			time.Sleep(5 * ms)
			end()
			return next(ctx)
		})
	}
	boom := func() { panic("boom") }
	for _, test := range []struct {
		name   string
		inside []ductile.Policy
		step   step
		want   fault.Class
	}{
		{"panic", nil, step{takes: 5 * ms, then: boom}, fault.ClassAborted},
		{"Goexit", nil, step{takes: 5 * ms, then: runtime.Goexit}, fault.ClassExited},
		{"panic before the function", []ductile.Policy{before(boom)}, step{}, fault.ClassCanceled},
		{"Goexit before the function", []ductile.Policy{before(runtime.Goexit)}, step{}, fault.ClassCanceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
				for most := 1; most <= 2; most++ { // a call that has no copies, and one that might
					h := &copies{wait: 10 * ms, most: most}
					y := &play{p: ductile.NewConcurrent("test", append([]ductile.Policy{h}, test.inside...)...), steps: []step{test.step}}
					_, returned := contained(func() { _, _ = y.do(t.Context(), options...) })
					assert.False(t, returned)
					assert.Equal(t, []observation{{5 * ms, test.want, false}}, h.observed)
				}
			})
		})
	}
}

// Of a copy that had not come to the function when the time was up it hears what the call is: a timeout, where another copy had.
func TestTheHedgerHearsOfACopyThatStillQueued(t *testing.T) {
	for name, takes := range map[string]time.Duration{"ended before": 15 * ms, "still runs": time.Hour} {
		t.Run(name, func(t *testing.T) {
			inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
				if len(options) == 0 && takes == time.Hour {
					return // the first would end the call
				}
				queue := &choosy{refuse: func(n int) bool {
					if n == 2 {
						time.Sleep(time.Hour)
					}
					return false
				}}
				h := &copies{wait: 10 * ms, most: 2}
				y := &play{p: ductile.NewConcurrent("test", h, queue), steps: []step{{takes: takes, err: errSlow, deaf: true}, {}}}
				ctx, cancel := context.WithTimeout(t.Context(), 50*ms)
				defer cancel()
				_, err := y.do(ctx, options...)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				queued := observation{40 * ms, fault.ClassTimeout, false}
				if takes < time.Hour {
					assert.Equal(t, []observation{{takes, fault.ClassTransient, false}, queued}, h.observed)
				} else {
					assert.Equal(t, []observation{{50 * ms, fault.ClassTimeout, false}, queued}, h.observed)
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

// lingering is a gate that takes its time when a permit comes back.
type lingering struct {
	passing
	takes time.Duration
}

func (g lingering) Release(uint64, error) { time.Sleep(g.takes) }

// Where the driver reads the clock for all, the hedger has that reading, as gates do: how long the function took.
func TestTheHedgersClockIsTheGates(t *testing.T) {
	inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
		for most := 1; most <= 2; most++ {
			h := &earning{copies{wait: time.Hour, most: most}, budget.New()}
			y := &play{p: ductile.NewConcurrent("test", h, lingering{passing{"lingering"}, 10 * ms}), steps: []step{{takes: 5 * ms}}}
			_, err := y.do(t.Context(), options...)
			require.NoError(t, err)
			assert.Equal(t, []observation{{5 * ms, fault.ClassSuccess, false}}, h.observed)
		}
	})
}

// fickle is a hedger that changes its mind: it promises another copy only for a while.
type fickle struct {
	copies
	until time.Time
}

func (h *fickle) Delay(started int) (time.Duration, bool) {
	wait, more := h.copies.Delay(started)
	return wait, more && time.Now().Before(h.until)
}

// It is asked for the wait when a copy starts, and that holds; where a copy has failed, it is asked again.
func TestTheHedgerIsAskedWhenACopyStarts(t *testing.T) {
	for _, test := range []struct {
		name  string
		first step
		began map[int]time.Duration
		err   error
	}{
		{"the wait holds", step{takes: time.Hour}, map[int]time.Duration{1: 0, 2: 10 * ms}, nil},
		{"a failure asks", step{takes: 8 * ms, err: errSlow}, map[int]time.Duration{1: 0}, errSlow},
		{"a failure asked before", step{takes: 3 * ms, err: errSlow}, map[int]time.Duration{1: 0, 2: 3 * ms}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
				h := &fickle{copies{wait: 10 * ms, most: 2}, time.Now().Add(5 * ms)}
				y := &play{p: ductile.NewConcurrent("test", h), steps: []step{test.first, {takes: 5 * ms}}}
				_, err := y.do(t.Context(), options...)
				require.ErrorIs(t, err, test.err)
				assert.Equal(t, test.began, y.began)
			})
		})
	}
}

// Nobody wins within a copy that has lost, whatever the hedger there says of it.
func TestNobodyWinsWithinALoser(t *testing.T) {
	inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
		var w hearing
		inner := &opinionated{copies{wait: 3 * ms, most: 2}, func(error) (wins, next bool) { return true, false }}
		p := ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}, inner).With(&w)
		got, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
			_, n := p.Attempt(ctx)
			if n == 3 { // the outer hedge's; the two before are the inner's
				return n, nil
			}
			<-ctx.Done()
			return n, errors.Join(errSlow, ctx.Err())
		}, options...)
		require.NoError(t, err)
		assert.Equal(t, 3, got)
		synctest.Wait()
		assert.Equal(t, []ductile.HedgeWon{{Policy: "copies", Attempt: 1, Copy: 3}}, w.won)
	})
}
