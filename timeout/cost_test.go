package timeout_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/timeout"
)

// A call costs one allocation for each timeout. Once the function asks for its context's channel, it costs what the standard library's
// timeouts cost, which is measured beside it, and one for each of ours.
func TestCost(t *testing.T) {
	ctx := t.Context()
	one := ductile.New("p", timeout.New(time.Minute))
	two := ductile.New("p", timeout.New(time.Hour), timeout.New(time.Minute))
	quiet := func(context.Context) (int, error) { return 7, nil }
	asking := func(ctx context.Context) (int, error) { ctx.Done(); return 7, nil }
	of := func(p *ductile.Pipeline, fn func(context.Context) (int, error)) float64 {
		return testing.AllocsPerRun(200, func() { _, _ = ductile.Do(ctx, p, fn) })
	}
	standardOne := testing.AllocsPerRun(200, func() {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		ctx.Done()
	})
	standardTwo := testing.AllocsPerRun(200, func() {
		ctx, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		ctx, cancelInner := context.WithTimeout(ctx, time.Minute)
		defer cancelInner()
		ctx.Done()
	})

	assert.InDelta(t, 1, of(one, quiet), 0)
	assert.InDelta(t, 2, of(two, quiet), 0)
	assert.InDelta(t, standardOne+1, of(one, asking), 0)
	assert.InDelta(t, standardTwo+2, of(two, asking), 0)
}

// Where the enclosing deadline is sooner, or there is no limit, it costs nothing.
func TestSteppingAsideCostsNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, p := range []*timeout.Policy{timeout.New(time.Hour), timeout.From(func(context.Context) time.Duration { return 0 })} {
		pipeline := ductile.New("p", p)
		assert.Zero(t, testing.AllocsPerRun(200, func() {
			_, _ = ductile.Do(ctx, pipeline, func(ctx context.Context) (int, error) { ctx.Done(); return 7, nil })
		}))
	}
}
