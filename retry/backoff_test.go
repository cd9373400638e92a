package retry_test

import (
	"testing"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// exponential returns a schedule of cenkalti/backoff without its randomness: 10 ms, 20 ms, 40 ms.
func exponential() *backoff.ExponentialBackOff {
	return backoff.NewExponentialBackOff(backoff.WithInitialInterval(10*ms), backoff.WithMultiplier(2),
		backoff.WithRandomizationFactor(0), backoff.WithMaxInterval(40*ms))
}

// A BackOff means its times, so they are not jittered.
func TestABackOffSaysWhen(t *testing.T) {
	p := retry.New(retry.UnlimitedAttempts(), retry.FromBackOff(func() retry.BackOff { return exponential() }))
	book := p.Start()
	for attempt, want := range []time.Duration{10 * ms, 20 * ms, 40 * ms, 40 * ms} {
		wait, stop := p.Next(book, attempt+1, errDown, noDeadline)
		require.NoError(t, stop)
		assert.Equal(t, want, wait)
	}
}

// backoff.Stop ends the call, and costs nothing.
func TestABackOffStops(t *testing.T) {
	for name, factory := range map[string]func() retry.BackOff{
		"at once":            func() retry.BackOff { return &backoff.StopBackOff{} },
		"after two":          func() retry.BackOff { return backoff.WithMaxRetries(&backoff.ZeroBackOff{}, 2) },
		"below zero somehow": func() retry.BackOff { return backoff.NewConstantBackOff(-time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			b := budget.New()
			p := retry.New(retry.UnlimitedAttempts(), retry.FromBackOff(factory), retry.Budget(b))
			book := p.Start()
			granted := uint64(0)
			for {
				_, stop := p.Next(book, 1, errDown, noDeadline)
				if stop != nil {
					assert.Same(t, retry.ErrSchedule, stop)
					break
				}
				granted++
			}
			assert.Equal(t, map[string]uint64{"after two": 2}[name], granted)
			assert.Equal(t, granted, b.Snapshot().Spent)
		})
	}
}

// spy is a BackOff that remembers how it was used.
type spy struct {
	resets, asked int
	wait          time.Duration
}

func (s *spy) Reset()                     { s.resets++ }
func (s *spy) NextBackOff() time.Duration { s.asked++; return s.wait }

// A BackOff serves one call at a time, so each call gets its own, reset as cenkalti's own Retry does.
func TestEachCallHasItsBackOff(t *testing.T) {
	var made []*spy
	p := retry.New(retry.FromBackOff(func() retry.BackOff {
		made = append(made, &spy{})
		return made[len(made)-1]
	}))
	assert.Empty(t, made, "none is made before the first call")
	one, other := p.Start(), p.Start()
	_, _ = p.Next(one, 1, errDown, noDeadline)
	_, _ = p.Next(one, 2, errDown, noDeadline)
	_, _ = p.Next(other, 1, errDown, noDeadline)
	assert.Equal(t, []*spy{{resets: 1, asked: 2}, {resets: 1, asked: 1}}, made)
}

// A BackOff is asked only about what is repeated.
func TestABackOffIsNotAskedInVain(t *testing.T) {
	s := &spy{}
	p := retry.New(retry.FromBackOff(func() retry.BackOff { return s }), retry.Attempts(2))
	book := p.Start()
	_, _ = p.Next(book, 1, fault.Permanent(errDown), noDeadline)
	_, _ = p.Next(book, 2, errDown, noDeadline)
	assert.Zero(t, s.asked)
}

// A jitter, a hint and an overload do to a BackOff's times what they do to ours.
func TestABackOffAndTheRest(t *testing.T) {
	second := retry.FromBackOff(func() retry.BackOff { return backoff.NewConstantBackOff(time.Second) })
	wait, _ := next(retry.New(second), 1, hinted{3 * time.Second})
	assert.Equal(t, 3*time.Second, wait)
	wait, _ = next(retry.New(second, retry.OverloadBase(4*time.Second)), 1, fault.Overload(errDown, 0))
	assert.Equal(t, 4*time.Second, wait)

	jittered := retry.New(second, retry.EqualJitter())
	assertSpread(t, time.Second/2, time.Second, func() time.Duration {
		wait, _ := next(jittered, 1, errDown)
		return wait
	})
}

// A factory without a BackOff is a mistake of the program, and is said where it shows: in the first call.
func TestAFactoryWithoutABackOff(t *testing.T) {
	p := retry.New(retry.FromBackOff(func() retry.BackOff { return nil }))
	assert.PanicsWithError(t, "retry: the function given to FromBackOff returned nil", func() { p.Start() })
}
