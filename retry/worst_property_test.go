package retry_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// asking is a failure that asks for a time, or decides on one.
type asking struct {
	error
	after  time.Duration
	pushes bool
}

func (e asking) RetryAfter() (time.Duration, bool) { return e.after, !e.pushes }
func (e asking) Pushback() (time.Duration, bool)   { return e.after, e.pushes }

// busy is an overload that asks for nothing.
type busy struct{ error }

func (busy) Fault() fault.Class { return fault.ClassOverload }

// No call waits for longer than Worst says, whatever the dependency does; and where there is no jitter, one that does its worst makes it
// wait exactly so long.
func TestNoWaitsAreWorseThanWorst(t *testing.T) {
	schedules := map[string]func(a, b time.Duration) retry.Option{
		"exponential":  func(a, b time.Duration) retry.Option { return retry.Exponential(a, 1.7, a+b) },
		"flat":         func(a, b time.Duration) retry.Option { return retry.Exponential(a, 1, a+b) },
		"constant":     func(a, _ time.Duration) retry.Option { return retry.Constant(a) },
		"linear":       func(a, b time.Duration) retry.Option { return retry.Linear(a, b/3, a+b) },
		"decorrelated": func(a, b time.Duration) retry.Option { return retry.Decorrelated(a, a+b) },
	}
	jitters := map[string]retry.Option{
		"none": retry.NoJitter(), "full": retry.FullJitter(), "equal": retry.EqualJitter(), "proportional": retry.ProportionalJitter(0.3),
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"exponential", "flat", "constant", "linear", "decorrelated"}).Draw(t, "schedule")
		jitter := rapid.SampledFrom([]string{"none", "none", "full", "equal", "proportional"}).Draw(t, "jitter")
		times := rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(1, 1000).Draw(t, "ms")) * time.Millisecond
		})
		maxHint := times.Draw(t, "max hint")
		options := []retry.Option{
			retry.Attempts(rapid.IntRange(1, 12).Draw(t, "attempts")), retry.MaxHint(maxHint), retry.OverloadBase(times.Draw(t, "overload")),
			schedules[kind](times.Draw(t, "a"), times.Draw(t, "b")), jitters[jitter],
		}
		if rapid.Bool().Draw(t, "not on overload") {
			options = append(options, retry.On(fault.ClassTransient))
		}
		rapid.SyncTest(t, func(t *rapid.T) {
			p := retry.New(options...)
			attempts, backoff, waits, within := p.Worst()
			assert.Equal(t, time.Duration(math.MaxInt64), within)
			plain := errors.New("reset")
			errs := []error{
				plain, busy{plain}, asking{plain, maxHint, false}, asking{plain, maxHint / 2, false}, asking{plain, maxHint, true}, asking{plain, 0, true},
			}
			var usual, random, most time.Duration
			ordinary, mixed, ran := p.Start(), p.Start(), 1
			for ; ran < attempts; ran++ {
				wait, stop := p.Next(ordinary, ran, plain, math.MaxInt64)
				assert.NoError(t, stop)
				usual += wait
				wait, _ = p.Next(mixed, ran, rapid.SampledFrom(errs).Draw(t, "err"), math.MaxInt64)
				random += wait
				longest := time.Duration(0)
				for _, err := range errs {
					wait, _ = p.Next(p.Start(), ran, err, math.MaxInt64)
					longest = max(longest, wait)
				}
				most += longest
			}
			_, stop := p.Next(ordinary, ran, plain, math.MaxInt64)
			assert.Contains(t, []error{retry.ErrAttempts, fault.ErrFinal}, stop)
			assert.LessOrEqual(t, usual, backoff)
			assert.LessOrEqual(t, random, waits)
			if jitter == "none" && kind != "decorrelated" {
				assert.Equal(t, backoff, usual)
				assert.Equal(t, waits, most)
			}
		})
	})
}
