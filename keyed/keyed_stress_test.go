package keyed_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/keyed"
)

// Many who ask for many keys at once: a key that stays has one pipeline for all, the bound holds, and what is attached is what there is.
func TestStressKeys(t *testing.T) {
	defer goleak.VerifyNone(t)
	const limit = 20
	w := new(counter)
	s := keyed.New(func(key int) *ductile.Pipeline {
		return ductile.New("upstream", breaker.New(breaker.ConsecutiveFailures(1))).With(w)
	}, keyed.Max(limit), keyed.Idle(time.Millisecond))
	down := s.Get(-1)
	fail(down)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 2000 {
				key := rand.IntN(200)
				p := s.Get(key)
				if p == nil || s.Get(-1) != down {
					assert.Fail(t, "not what it should be")
					return
				}
				if rand.IntN(100) == 0 {
					n := 0
					for range s.All() {
						n++
					}
					assert.LessOrEqual(t, n, limit)
				}
			}
		})
	}
	all.Wait()
	snapshot := s.Snapshot()
	require.LessOrEqual(t, snapshot.Pipelines, limit)
	assert.LessOrEqual(t, int64(snapshot.Pipelines), w.attached.Load(), fmt.Sprint(snapshot))
	assert.LessOrEqual(t, w.attached.Load(), int64(snapshot.Pipelines)+1, "the shared one")
}

// Those who come for a key at once get the same pipeline, which is built once.
func TestStressTogether(t *testing.T) {
	for range 100 {
		s := keyed.New(guarded)
		var all sync.WaitGroup
		var got [8]*ductile.Pipeline
		for i := range got {
			all.Go(func() { got[i] = s.Get("a") })
		}
		all.Wait()
		for _, p := range got {
			require.Same(t, got[0], p)
		}
		require.Equal(t, uint64(1), s.Snapshot().Made)
	}
}

// counter counts the pipelines that it has to watch.
type counter struct {
	ductile.Observer
	attached atomic.Int64
}

func (w *counter) Begin(c context.Context, _ string) (context.Context, ductile.Watch) { return c, nil }

func (w *counter) Attach(ductile.Composed) (detach func()) {
	w.attached.Add(1)
	return func() { w.attached.Add(-1) }
}
