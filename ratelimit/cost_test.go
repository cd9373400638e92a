package ratelimit_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ratelimit"
)

// Neither a call that need not wait nor a refusal allocates, through a pipeline either.
func TestCost(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	soon, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, row := range []struct {
		name    string
		ctx     context.Context
		limiter *ratelimit.Limiter
	}{
		{"admitted", t.Context(), ratelimit.New(rate.Inf, 1)},
		{"admitted from a bucket", t.Context(), ratelimit.New(1, 1_000_000)},
		{"admitted, may wait", soon, ratelimit.New(1, 1_000_000, ratelimit.Wait(time.Second))},
		{"no token", t.Context(), empty(t, rate.Every(time.Hour), 1)},
		{"no token, in thirds of a second", t.Context(), empty(t, 1.0/3000, 1)},
		{"a long wait", soon, empty(t, rate.Every(time.Hour), 1, ratelimit.Wait(time.Minute))},
		{"a deadline", soon, empty(t, rate.Every(time.Hour), 1, ratelimit.Wait(2*time.Hour))},
		{"never", t.Context(), ratelimit.From(rate.NewLimiter(0, 0))},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = row.limiter.Acquire(row.ctx) }))
			p := ductile.New("p", row.limiter)
			assert.Zero(t, testing.AllocsPerRun(1000, func() {
				_, _ = ductile.Do(row.ctx, p, func(context.Context) (int, error) { return 7, nil })
			}))
			assert.Zero(t, testing.AllocsPerRun(100, func() { row.limiter.Snapshot() }), "reading")
		})
	}
}
