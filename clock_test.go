package ductile_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/retry"
)

// stopwatch is a gate that takes the driver's reading of the clock, and remembers how old it was: -1 where it got none.
type stopwatch struct {
	label
	ages []time.Duration
}

func (*stopwatch) Acquire(context.Context) (uint64, error) { return 0, nil }
func (s *stopwatch) Release(uint64, error)                 { s.ages = append(s.ages, -1) }
func (s *stopwatch) ReleaseAt(_ uint64, at time.Time, _ error) {
	s.ages = append(s.ages, time.Since(at))
}

// The driver reads the clock once for all who want it, and only where the reading is of now: not after a wait, a fallback or a panic.
func TestOneReadingOfTheClock(t *testing.T) {
	slowly := fallback.Func(func(context.Context, error) (int, error) { time.Sleep(time.Minute); return 7, nil })
	again := func(options ...retry.Option) ductile.Policy {
		return retry.New(append(options, retry.Attempts(2), retry.Constant(time.Second), retry.NoJitter())...)
	}
	for _, test := range []struct {
		name     string
		policies func(outer, inner *stopwatch) []ductile.Policy
		fn       func(attempt int) (int, error)
		outer    time.Duration
		inner    []time.Duration
	}{
		{"a call that takes its time", func(o, i *stopwatch) []ductile.Policy { return []ductile.Policy{o, i} },
			func(int) (int, error) { time.Sleep(time.Hour); return 0, nil }, 0, []time.Duration{0}},
		{"an attempt after a wait", func(o, i *stopwatch) []ductile.Policy { return []ductile.Policy{o, again(), i} },
			func(int) (int, error) { return 0, errDown }, 0, []time.Duration{0, 0}},
		{"a refusal after a wait", func(o, i *stopwatch) []ductile.Policy {
			return []ductile.Policy{o, again(), breaker.New(breaker.ConsecutiveFailures(1)), i}
		}, func(int) (int, error) { return 0, errDown }, -1, []time.Duration{0}},
		{"a fallback that takes its time", func(o, i *stopwatch) []ductile.Policy { return []ductile.Policy{o, slowly, i} },
			func(int) (int, error) { return 0, errDown }, -1, []time.Duration{0}},
		{"a panic in the second attempt", func(o, i *stopwatch) []ductile.Policy { return []ductile.Policy{o, again(), i} },
			func(attempt int) (int, error) {
				if attempt == 1 {
					return 0, errDown
				}
				time.Sleep(time.Hour)
				panic("boom")
			}, -1, []time.Duration{0, -1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				outer, inner := &stopwatch{label: "outer"}, &stopwatch{label: "inner"}
				p := ductile.New("test", test.policies(outer, inner)...)
				contained(func() {
					_, _ = ductile.Do(t.Context(), p, func(ctx context.Context) (int, error) {
						attempt, _ := p.Attempt(ctx)
						return test.fn(attempt)
					})
				})
				assert.Equal(t, []time.Duration{test.outer}, outer.ages)
				assert.Equal(t, test.inner, inner.ages)
			})
		})
	}
}

// A first attempt earns its share however it ends.
func TestFirstAttemptsEarnHoweverTheyEnd(t *testing.T) {
	for _, e := range ends() {
		t.Run(e.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			extra := budget.New()
			p := ductile.New("test", retry.New(retry.Budget(extra), retry.Constant(0), retry.OverloadBase(0)), breaker.New())
			contained(func() {
				_, _ = ductile.Do(ctx, p, func(context.Context) (string, error) { return e.fn(ctx, cancel) })
			})
			assert.Equal(t, uint64(1), extra.Snapshot().Earned)
		})
	}
}
