package deadline_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/deadline"
)

// One allocation, until somebody waits; from then on the standard library's own and that one, as measured beside it.
func TestCost(t *testing.T) {
	cancelable, cancel := context.WithCancel(t.Context())
	defer cancel()
	for name, parent := range map[string]context.Context{
		"Background":           context.Background(),
		"a cancelable parent":  cancelable,
		"a parent with values": context.WithValue(cancelable, key{}, 1),
	} {
		t.Run(name, func(t *testing.T) {
			at := time.Now().Add(time.Hour)
			of := func(ask func(context.Context)) float64 {
				return testing.AllocsPerRun(200, func() {
					ctx := deadline.New(parent, at, time.Hour, tooLate{})
					ask(ctx)
					ctx.End()
				})
			}
			standard := testing.AllocsPerRun(200, func() {
				ctx, cancel := context.WithDeadline(parent, at)
				ctx.Done()
				cancel()
			})

			assert.InDelta(t, 1, of(func(context.Context) {}), 0, "nobody asks")
			assert.InDelta(t, 1, of(func(ctx context.Context) { _ = ctx.Err() }), 0, "Err, of one that is alive")
			assert.InDelta(t, 1, of(func(ctx context.Context) { ctx.Deadline() }), 0, "Deadline")
			assert.InDelta(t, 1, of(func(ctx context.Context) { ctx.Value(key{}) }), 0, "Value")
			assert.InDelta(t, standard+1, of(func(ctx context.Context) { ctx.Done() }), 0, "Done; the standard library makes %v", standard)
			assert.InDelta(t, standard+1, of(func(ctx context.Context) { ctx.Done(); ctx.Done() }), 0, "Done, twice")
		})
	}
}

// To look whether there is something to retain costs nothing where there is not.
func TestRetainingNothingIsCheap(t *testing.T) {
	ctx := context.WithValue(t.Context(), key{}, 1)
	assert.LessOrEqual(t, testing.AllocsPerRun(200, func() { deadline.Retain(ctx)() }), 2.0)
}
