package hedge_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
)

// sleep takes the time that a dependency takes, unless nobody waits for it any more.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// calls makes calls one after another to a dependency one of whose answers in fifty takes a hundred times as long, and returns how
// long the last half of them took.
func calls(t *testing.T, p *ductile.ConcurrentPipeline, n int) []time.Duration {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 0))
	var took []time.Duration
	for range n {
		var answers [2]time.Duration // of the copies, which run at once
		for i := range answers {
			answers[i] = ms(lognormal(random))
			if share(random, 0.02) {
				answers[i] *= 100
			}
		}
		begin := time.Now()
		_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
			_, n := p.Attempt(ctx)
			return 0, sleep(ctx, answers[n-1])
		})
		assert.NoError(t, err)
		took = append(took, time.Since(begin))
	}
	return took[n/2:]
}

func percentile(took []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[int(math.Ceil(share*float64(len(sorted))))-1]
}

// The whole of it: in a pipeline the tail is cut, the load that adds stays at a twentieth, and the budget is the pipeline's.
func TestInAPipeline(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		const n = 20_000
		plain := calls(t, ductile.NewConcurrent("inventory"), n)
		h := hedge.New()
		hedged := calls(t, ductile.NewConcurrent("inventory", h), n)
		s := h.Snapshot()
		t.Logf("p50 %v, p99 %v; hedged: %v, %v; %d copies of %d calls", percentile(plain, 0.5), percentile(plain, 0.99),
			percentile(hedged, 0.5), percentile(hedged, 0.99), s.Launched, n)
		assert.Greater(t, percentile(plain, 0.99), 100*time.Millisecond)
		assert.Less(t, percentile(hedged, 0.99), 30*time.Millisecond)
		assert.InDelta(t, 0.048, float64(s.Launched)/n, 0.006)
		assert.Zero(t, s.Refused, "a fifth is enough")
	})
}

// A budget that grants nothing leaves the call to its first copy.
func TestInAPipelineWithoutBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.None()))
		took := calls(t, ductile.NewConcurrent("inventory", h), 1000)
		assert.Greater(t, percentile(took, 0.99), 100*time.Millisecond)
		s := h.Snapshot()
		assert.Zero(t, s.Launched)
		assert.GreaterOrEqual(t, s.Refused, uint64(990))
		assert.EqualValues(t, 1000, s.Samples)
	})
}

// A copy that could not answer before the deadline is not made.
func TestInAPipelineBeforeTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hedge.New(hedge.After(50*time.Millisecond), hedge.Budget(budget.Unlimited()))
		p := ductile.NewConcurrent("inventory", h)
		call := func(limit time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			_, _ = ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int, error) { return 0, sleep(ctx, 40*time.Millisecond) })
		}
		for range 100 {
			call(time.Second)
		}
		look(h)
		slow := func(limit time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			_, _ = ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int, error) { return 0, sleep(ctx, time.Hour) })
		}
		slow(80 * time.Millisecond)
		assert.EqualValues(t, 1, h.Snapshot().Late, "30 ms are left, and answers take 40")
		assert.Zero(t, h.Snapshot().Launched)
		slow(100 * time.Millisecond)
		assert.EqualValues(t, 1, h.Snapshot().Late)
		assert.EqualValues(t, 1, h.Snapshot().Launched)
	})
}

// After a final failure, or one with which the dependency decided about a repeat, no further copy starts, neither at once nor when the
// delay is over; but a copy that runs may still answer, and is waited for.
func TestNoCopyFollows(t *testing.T) {
	for _, row := range []struct {
		name   string
		err    error // of the copy that fails
		follow bool
	}{
		{"another failure", errDown, true},
		{"a final failure", fault.Final(errDown), false},
		{"one that the dependency wants repeated", pushed{time.Millisecond}, false},
		{"at once", pushed{0}, false},
		{"never", pushed{-1}, false},
	} {
		in(t, row.name, func(t *testing.T) {
			copies := func(first, second time.Duration, errs ...error) (value, started int, took time.Duration, err error) {
				h := hedge.New(hedge.After(10*time.Millisecond), hedge.Extra(5), hedge.Budget(budget.Unlimited()))
				p := ductile.NewConcurrent("inventory", h)
				begin := time.Now()
				value, err = ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
					_, n := p.Attempt(ctx)
					if late := sleep(ctx, []time.Duration{first, second, time.Hour, time.Hour, time.Hour, time.Hour}[n-1]); late != nil {
						return 0, late
					}
					return n, errs[min(n, len(errs))-1]
				})
				return value, 1 + int(h.Snapshot().Launched), time.Since(begin), err
			}

			value, started, took, err := copies(time.Millisecond, time.Millisecond, row.err, nil)
			if row.follow {
				assert.NoError(t, err)
				assert.Equal(t, 2, value)
				assert.Equal(t, 2*time.Millisecond, took)
			} else {
				assert.Equal(t, row.err, err, "it is returned as it is")
				assert.Equal(t, 1, started)
				assert.Equal(t, time.Millisecond, took)
			}

			value, started, took, err = copies(50*time.Millisecond, time.Millisecond, nil, row.err)
			assert.NoError(t, err)
			assert.Equal(t, 1, value, "the first answers, late")
			assert.Equal(t, 50*time.Millisecond, took)
			assert.Equal(t, row.follow, started > 2)
		})
	}
}

// A retry around the hedge hears what the dependency said with the failure that the hedge returns.
func TestAPushbackReachesTheRetryAround(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		h := hedge.New(hedge.After(10*time.Millisecond), hedge.Budget(budget.Unlimited()))
		p := ductile.NewConcurrent("inventory", retry.New(), h)
		begin, calls := time.Now(), 0
		_, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) {
			calls++
			return 0, []error{pushed{7 * time.Second}, fault.Final(errDown)}[min(calls, 2)-1]
		})
		assert.Equal(t, fault.Final(errDown), err)
		assert.Equal(t, 2, calls)
		assert.Equal(t, 7*time.Second, time.Since(begin))
	})
}

// refused is a refusal by a policy inside that says something of a repeat, which is not the dependency's word.
type refused struct{ pushed }

func (refused) Fault() fault.Class { return fault.ClassRejected }

// Where all copies have failed, what the dependency has said of a repeat is what a retry around hears, whichever copy it was said to.
func TestACopysWordOfARepeatIsTheCalls(t *testing.T) {
	final := fault.Final(errDown)
	ignored := fault.Ignore(final)
	for name, row := range map[string]struct {
		first, second error
		want          error
		calls         int
	}{
		"final":         {errDown, final, final, 2},
		"pushback":      {errDown, pushed{-1}, pushed{-1}, 2},
		"of the first":  {pushed{-1}, nil, pushed{-1}, 1},
		"none":          {errDown, errDown, errDown, 4},
		"not a failure": {errDown, ignored, ignored, 2},
		"of a refusal":  {errDown, refused{pushed{-1}}, errDown, 4},
	} {
		in(t, name, func(t *testing.T) {
			h := hedge.New(hedge.After(time.Second), hedge.Budget(budget.Unlimited()))
			p := ductile.NewConcurrent("inventory", retry.New(retry.Attempts(2), retry.Constant(time.Second)), h)
			calls := 0
			_, err := ductile.DoConcurrent(t.Context(), p, func(context.Context) (int, error) {
				calls++
				return 0, []error{row.first, row.second}[(calls-1)%2]
			})
			assert.ErrorIs(t, err, row.want)
			assert.Equal(t, row.calls, calls)
		})
	}
}
