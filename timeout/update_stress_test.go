package timeout_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// Calls of many goroutines, some on time and some late, while others turn the limit, sensibly and not. Each call ends by the limit that it
// began with, to the nanosecond, and says which that was: one of those that somebody has set.
func TestStressUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers, tuners, updates = 50, 4, 250
		p := timeout.New(time.Millisecond)
		pipeline := ductile.New("p", p)
		var stop atomic.Bool
		var late, onTime atomic.Int64
		call := func() {
			start := time.Now()
			takes := rand.N(60 * time.Millisecond)
			err := ductile.Run(t.Context(), pipeline, func(ctx context.Context) error {
				select {
				case <-time.After(takes):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			took := time.Since(start)
			if err == nil {
				onTime.Add(1)
				assert.Equal(t, takes, took)
				return
			}
			late.Add(1)
			var exceeded *timeout.Error
			if assert.ErrorAs(t, err, &exceeded) {
				assert.Equal(t, took, exceeded.After)
				assert.Zero(t, took%time.Millisecond, "nobody has set that")
				assert.LessOrEqual(t, took, 50*time.Millisecond)
			}
		}
		var calling, tuning sync.WaitGroup
		for range callers {
			calling.Go(func() {
				for !stop.Load() && !t.Failed() {
					call()
				}
			})
		}
		nonsense := []timeout.Option{nil, timeout.After(0), timeout.Name("other"), timeout.Detached(), timeout.Classify(nil)}
		for range tuners {
			tuning.Go(func() {
				for range updates {
					time.Sleep(rand.N(time.Millisecond))
					options := []timeout.Option{timeout.After(time.Duration(1+rand.IntN(50)) * time.Millisecond), timeout.Classify(fault.Of)}
					if rand.IntN(2) == 0 {
						assert.NoError(t, p.Update(options...))
						continue
					}
					options = []timeout.Option{timeout.After(time.Hour), nonsense[rand.IntN(len(nonsense))], timeout.After(time.Hour)}
					assert.Error(t, p.Update(options...))
				}
			})
		}
		tuning.Wait()
		stop.Store(true)
		calling.Wait()
		assert.Positive(t, late.Load())
		assert.Positive(t, onTime.Load())
	})
}

// Updates of different options at the same time do not undo each other.
func TestStressUpdatesAreNotLost(t *testing.T) {
	p := timeout.New(1)
	var tuning sync.WaitGroup
	const last = 2000
	tuning.Go(func() {
		for n := 1; n <= last; n++ {
			assert.NoError(t, p.Update(timeout.After(time.Duration(n))))
			assert.Equal(t, time.Duration(n), p.Worst())
		}
	})
	tuning.Go(func() {
		for n := 1; n <= last; n++ {
			said := errors.New(strconv.Itoa(n))
			assert.NoError(t, p.Update(timeout.Classify(func(err error) fault.Class {
				if err.Error() == said.Error() {
					return fault.ClassPermanent
				}
				return fault.ClassTransient
			})))
			assert.Equal(t, said, p.Exceeded(1, said))
		}
	})
	tuning.Wait()
	require.Equal(t, time.Duration(last), p.Worst())
}
