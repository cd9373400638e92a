package gobreakeradapter_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
)

// A gate allocates what gobreaker does, in a pipeline too; a middleware twice more; and a refusal by either nothing.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	settings := gobreaker.Settings{
		ReadyToTrip: func(gobreaker.Counts) bool { return false },
		IsExcluded:  gobreakeradapter.Excluded, IsSuccessful: gobreakeradapter.Successful,
	}
	for name, end := range map[string]error{"success": nil, "failure": errDown, "canceled": context.Canceled} {
		t.Run(name, func(t *testing.T) {
			cb := gobreaker.NewTwoStepCircuitBreaker[int](settings)
			g := gobreakeradapter.NewGate(cb)
			p := ductile.New("p", gobreakeradapter.NewGate(cb))
			theirs := testing.AllocsPerRun(1000, func() {
				done, err := cb.Allow()
				if err == nil {
					done(end)
				}
			})
			assert.Equal(t, theirs, testing.AllocsPerRun(1000, func() {
				if token, err := g.Acquire(always); err == nil {
					g.Release(token, end)
				}
			}), "by hand")
			if end != context.Canceled { //nolint:errorlint // of a live caller: the driver's mark is an allocation of its own
				assert.Equal(t, theirs, testing.AllocsPerRun(1000, func() {
					_ = ductile.Run(always, p, func(context.Context) error { return end })
				}), "in a pipeline")
			}

			next := func(context.Context) error { return end }
			one := gobreaker.NewCircuitBreaker[int](settings)
			m := gobreakeradapter.NewMiddleware(one)
			ctx, leave := context.WithCancel(always)
			defer leave()
			theirs = testing.AllocsPerRun(1000, func() { _, _ = one.Execute(func() (int, error) { return 0, end }) })
			assert.Equal(t, theirs+2, testing.AllocsPerRun(1000, func() { _ = m.Around(ctx, next) })-marks(end), "a middleware")
		})
	}
}

// marks returns how many of the driver's marks a live caller's error has: each is an allocation.
func marks(err error) float64 {
	if err == context.Canceled { //nolint:errorlint // itself
		return 1
	}
	return 0
}

func TestRefusalsAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	settings := gobreaker.Settings{ReadyToTrip: atOnce, Timeout: time.Hour}
	two, one := gobreaker.NewTwoStepCircuitBreaker[int](settings), gobreaker.NewCircuitBreaker[int](settings)
	g, m := gobreakeradapter.NewGate(two), gobreakeradapter.NewMiddleware(one)
	p := ductile.New("p", g)
	down := func(context.Context) error { return errDown }
	require.Equal(t, errDown, ductile.Run(always, p, down))
	require.Equal(t, errDown, m.Around(always, down))
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = ductile.Run(always, p, down) }))
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() { _ = m.Around(always, down) }), 2.0)
}

// The places of calls are used again: the gate grows with the calls that are in flight at once, and not with those that have been.
func TestPlacesAreUsedAgain(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	g := gobreakeradapter.NewGate(free{})
	tokens := make([]uint64, 1000)
	crowd := func() {
		for i := range tokens {
			tokens[i], _ = g.Acquire(always)
		}
		for _, token := range tokens {
			g.Release(token, nil)
		}
	}
	crowd()
	before := allocated()
	for range 100 {
		crowd()
	}
	assert.Less(t, allocated()-before, uint64(10_000), "bytes, for 100,000 calls")
}

// allocated returns how many bytes have been allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// free is a breaker that costs nothing.
type free struct{}

func (free) Name() string                { return "free" }
func (free) Allow() (func(error), error) { return func(error) {}, nil }
