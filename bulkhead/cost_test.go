package bulkhead_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
)

// Neither a call nor a refusal without a wait allocates.
func TestBulkheadAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	full := func(t *testing.T, b *bulkhead.Bulkhead) { t.Helper(); fill(t, b) }
	free := func(*testing.T, *bulkhead.Bulkhead) {}
	queue := bulkhead.Queue(1, time.Second)
	for _, test := range []struct {
		name string
		b    func() *bulkhead.Bulkhead
		way  func(*testing.T, *bulkhead.Bulkhead)
	}{
		{"free", func() *bulkhead.Bulkhead { return bulkhead.New(1) }, free},
		{"free, with a queue", func() *bulkhead.Bulkhead { return bulkhead.New(1, queue) }, free},
		{"full, no queue", func() *bulkhead.Bulkhead { return bulkhead.New(64) }, full},
		{"queue full", func() *bulkhead.Bulkhead { return bulkhead.New(1, queue) }, func(t *testing.T, b *bulkhead.Bulkhead) {
			t.Helper()
			fill(t, b)
			visit(b, always)
		}},
	} {
		in(t, test.name, func(t *testing.T) {
			b := test.b()
			test.way(t, b)
			var admitted, refused int
			assert.Zero(t, testing.AllocsPerRun(1000, func() {
				if token, err := b.Acquire(always); err == nil {
					admitted++
					b.Release(token, nil)
				} else {
					refused++
				}
			}))
			assert.Zero(t, testing.AllocsPerRun(100, func() { b.Snapshot() }), "reading")
			assert.Equal(t, b.Snapshot().InFlight == 0, admitted > 0)
			assert.Equal(t, b.Snapshot().InFlight > 0, refused > 0)
			time.Sleep(time.Second) // who waits gives up
		})
	}
}

// A call through a pipeline allocates nothing either.
func TestAPipelineAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	b := bulkhead.New(1)
	p, sum := ductile.New("stock", b), 0
	call := func() {
		v, _ := ductile.Do(always, p, func(context.Context) (int, error) { return sum, nil })
		sum += v
	}
	assert.Zero(t, testing.AllocsPerRun(1000, call))
	fill(t, b)
	assert.Zero(t, testing.AllocsPerRun(1000, call), "refused")
	assert.Positive(t, b.Snapshot().Rejected)
}

// A caller without hope is refused at the price of asking its context.
func TestHopelessWaitsAreCheap(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	synctest.Test(t, func(t *testing.T) {
		b, c := crowded()
		time.Sleep(twoStretches + 5*ms)
		ctx, cancel := context.WithTimeout(always, ms)
		defer cancel()
		before := b.Snapshot().Rejected
		assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = b.Acquire(ctx) }))
		assert.Equal(t, before+101, b.Snapshot().Rejected)
		c.goHome()
	})
}

// Programs keep a bulkhead for each host or tenant, so its size matters: the object and the refusals made beforehand.
func TestBulkheadIsSmall(t *testing.T) {
	const many = 10_000
	all := make([]*bulkhead.Bulkhead, many)
	before := heap()
	for i := range all {
		all[i] = bulkhead.New(64)
	}
	each := (heap() - before) / many
	runtime.KeepAlive(all)
	t.Logf("%d B", each)
	assert.LessOrEqual(t, each, uint64(512))
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
