package retry_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// setting is a set of options that belong together: calls that go by a mixture of two show it.
func setting(n int) []retry.Option {
	wait := time.Duration(n) * ms
	schedule := retry.Constant(wait)
	switch n % 3 {
	case 1:
		schedule = retry.Schedule(func(int) time.Duration { return wait })
	case 2:
		schedule = retry.FromBackOff(func() constantly { return constantly(wait) })
	}
	elapsed := retry.NoElapsed()
	if n%2 == 0 {
		elapsed = retry.Elapsed(time.Hour)
	}
	return []retry.Option{retry.Attempts(n), schedule, elapsed, retry.NoJitter()}
}

type constantly time.Duration

func (c constantly) NextBackOff() time.Duration { return time.Duration(c) }
func (constantly) Reset()                       {}

// Calls of many goroutines, through two pipelines, while others turn everything that can be turned, sensibly and not, on the retry and on
// a copy of it. Each call goes by one setting from end to end: n attempts, n ms apart, for one n. And each repeat that reached the
// dependency is paid for, and nothing else is.
func TestStressUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers, tuners, updates = 60, 4, 250
		b := budget.New(budget.Share(1), budget.Floor(1e6), budget.Window(10*time.Minute))
		p := retry.New(append(setting(3), retry.Budget(b))...)
		pipelines := []*ductile.Pipeline{ductile.New("one", p), ductile.New("other", p)}
		copied := p.WithBudget(budget.None()).(*retry.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
		var stop atomic.Bool
		var attempts, reached, overtaken atomic.Int64
		call := func(pipeline *ductile.Pipeline) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			leaves := rand.IntN(5) == 0
			if leaves {
				defer time.AfterFunc(rand.N(20*ms), cancel).Stop()
			}
			var began []time.Time
			before := p.String()
			err := ductile.Run(ctx, pipeline, func(context.Context) error {
				began = append(began, time.Now())
				return errDown
			})
			attempts.Add(int64(len(began)))
			reached.Add(1)
			if p.String() != before {
				overtaken.Add(1)
			}
			for i := 2; i < len(began); i++ {
				assert.Equal(t, began[1].Sub(began[0]), began[i].Sub(began[i-1]), "one schedule")
			}
			if leaves {
				return
			}
			assert.ErrorIs(t, err, retry.ErrAttempts)
			if assert.Greater(t, len(began), 1) {
				assert.Equal(t, time.Duration(len(began))*ms, began[1].Sub(began[0]), "n attempts, n ms apart")
			}
		}
		var calling, tuning sync.WaitGroup
		for i := range callers {
			calling.Go(func() {
				for !stop.Load() && !t.Failed() {
					call(pipelines[i%len(pipelines)])
				}
			})
		}
		nonsense := []retry.Option{
			nil, retry.Attempts(0), retry.Elapsed(0), retry.Name("other"), retry.OnRetry(func(retry.Event) { t.Error("told") }), retry.Schedule(nil),
			retry.Budget(budget.Unlimited()), retry.Exponential(-1, 2, 1), retry.ProportionalJitter(7),
		}
		for i := range tuners {
			tuned := []*retry.Policy{p, copied}[i%2]
			tuning.Go(func() {
				for range updates {
					time.Sleep(rand.N(ms))
					if rand.IntN(2) == 0 {
						assert.NoError(t, tuned.Update(setting(2+rand.IntN(8))...))
						continue
					}
					wrong := []retry.Option{retry.On(fault.ClassPermanent), nonsense[rand.IntN(len(nonsense))], retry.Attempts(1)}
					assert.Error(t, tuned.Update(wrong...))
				}
			})
		}
		tuning.Wait()
		stop.Store(true)
		calling.Wait()

		s := b.Snapshot()
		assert.Equal(t, attempts.Load()-reached.Load(), int64(s.Spent), "each repeat was paid for, and nothing else was")
		assert.Zero(t, s.Refused)
		assert.Positive(t, overtaken.Load(), "or this tested nothing")
	})
}

// Updates of different options at the same time do not undo each other, nor does a source that is given meanwhile.
func TestStressUpdatesAreNotLost(t *testing.T) {
	p := retry.New(retry.NoJitter())
	copied := p.WithBudget(nil).(*retry.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
	const last = 2000
	var tuning sync.WaitGroup
	tuning.Go(func() {
		for n := 2; n <= last; n++ {
			assert.NoError(t, p.Update(retry.Attempts(n)))
			got, _, _, _ := copied.Worst()
			assert.Equal(t, n, got)
		}
	})
	tuning.Go(func() {
		for n := 2; n <= last; n++ {
			assert.NoError(t, copied.Update(retry.Constant(time.Duration(n))))
			wait, stop := next(p, 1, errDown)
			assert.True(t, stop == nil || errors.Is(stop, fault.ErrFinal))
			assert.Equal(t, time.Duration(n), wait)
		}
	})
	tuning.Go(func() {
		for range last {
			p.DrawFrom(rand.NewPCG(1, 1))
		}
	})
	tuning.Wait()
	assert.Equal(t, "2000 attempts, no jitter under 2µs, on transient, timeout, overload", p.String())
}

// A call that begins while the retry is tuned begins with one setting: its schedule has what it needs, and its limits are those that came
// with it.
func TestStressCallsBeginWithOneSetting(t *testing.T) {
	settings := [][]retry.Option{setting(4), setting(5)} // a limit in time and no BackOff, and the other way round
	p := retry.New(settings[0]...)
	var stop atomic.Bool
	var tuning sync.WaitGroup
	tuning.Go(func() {
		for n := 0; !stop.Load(); n++ {
			assert.NoError(t, p.Update(settings[n%len(settings)]...))
		}
	})
	defer tuning.Wait()
	defer stop.Store(true)
	for range 200_000 {
		book := p.Start()
		wait, stopped := p.Next(book, 1, errDown, noDeadline)
		if n := int(wait / ms); stopped != nil || n < 2 {
			assert.Fail(t, "no setting", "%v, %v", wait, stopped)
			return
		} else if _, last := p.Next(book, n, errDown, noDeadline); last != retry.ErrAttempts { //nolint:errorlint // it is that
			assert.Fail(t, "another setting", "after %d attempts, %v apart: %v", n, wait, last)
			return
		} else if _, last = p.Next(book, n-1, errDown, noDeadline); last != nil {
			assert.Fail(t, "another setting", "after %d attempts, %v apart: %v", n-1, wait, last)
			return
		}
	}
}
