package bulkhead_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/bulkhead"
)

// A snapshot tells what is, and what has been.
func TestSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(2, bulkhead.Name("stock"), bulkhead.Queue(3, 100*ms))
		want := bulkhead.Snapshot{Name: "stock", Limit: 2, Queue: 3}
		is := func() {
			t.Helper()
			synctest.Wait()
			assert.Equal(t, want, b.Snapshot())
		}
		is()
		tokens := fill(t, b)
		want.InFlight = 2
		is()

		first := visit(b, always)
		time.Sleep(30 * ms)
		hurried, cancel := context.WithTimeout(always, 20*ms)
		defer cancel()
		visit(b, hurried)
		third := visit(b, always)
		want.Queued = 3
		is()
		_ = refused(t, b, always) // the queue is full
		want.Rejected = 1
		is()
		time.Sleep(20 * ms) // the second's time is up
		want.Queued, want.Rejected, want.GaveUp, want.Waits, want.WaitTime, want.LongestWait = 2, 2, 1, 1, 20*ms, 20*ms
		is()
		time.Sleep(10 * ms)
		b.Release(tokens[0], nil) // to the first, who has waited for 60 ms
		want.Queued, want.Waits, want.WaitTime, want.LongestWait = 1, 2, 80*ms, 60*ms
		is()
		third.cancel(nil) // after 30 ms
		want.Queued, want.Rejected, want.GaveUp, want.Waits, want.WaitTime = 0, 3, 2, 3, 110*ms
		is()
		dead, cancel := context.WithCancel(always)
		cancel()
		_ = refused(t, b, dead)
		want.Rejected = 4
		is()
		last := visit(b, always)
		want.Queued = 1
		is()
		time.Sleep(time.Second) // the longest wait
		assert.Equal(t, "waited", last.is())
		want.Queued, want.Rejected, want.GaveUp, want.Waits, want.WaitTime, want.LongestWait = 0, 5, 3, 4, 210*ms, 100*ms
		is()

		b.Release(tokens[1], nil)
		b.Release(first.token, nil)
		want.InFlight = 0
		is()
	})
}

// Without a queue there is less to tell.
func TestSnapshotWithoutAQueue(t *testing.T) {
	b := bulkhead.New(3)
	fill(t, b)
	for range 5 {
		_ = refused(t, b, always)
	}
	assert.Equal(t, bulkhead.Snapshot{Name: "bulkhead", Limit: 3, InFlight: 3, Rejected: 5}, b.Snapshot())
}

// More than 292 years of waiting do not fit, and remain 292. A hundred thousand callers who wait for a day get there.
func TestWaitTimeDoesNotOverflow(t *testing.T) {
	if raceEnabled {
		t.Skip("a hundred thousand goroutines")
	}
	synctest.Test(t, func(t *testing.T) {
		const callers, day = 120_000, 24 * time.Hour
		b := bulkhead.New(1, bulkhead.Queue(callers, day))
		begin(t, b)
		var all sync.WaitGroup
		for range callers {
			all.Go(func() { _, _ = b.Acquire(always) })
		}
		all.Wait()
		s := b.Snapshot()
		assert.Equal(t, uint64(callers), s.Waits)
		assert.Equal(t, time.Duration(math.MaxInt64), s.WaitTime)
		assert.Equal(t, day, s.LongestWait)
	})
}
