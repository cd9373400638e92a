package bulkhead_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/bulkhead"
)

// Who came first goes first, and each permit that comes back lets one go.
func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(2, bulkhead.Queue(4, time.Hour))
		tokens := fill(t, b)
		all := visits(b, 4)
		holds(t, b, 2, 4)
		want := []string{"waits", "waits", "waits", "waits"}
		assert.Equal(t, want, are(all))
		for i, v := range all {
			b.Release(tokens[i], nil)
			want[i] = "goes"
			assert.Equal(t, want, are(all))
			holds(t, b, 2, 3-i)
			tokens = append(tokens, v.token)
		}
		b.Release(tokens[4], nil)
		b.Release(tokens[5], nil)
		isWhole(t, b)
	})
}

// Nobody takes a permit before those who wait: not one that comes back in the very moment.
func TestNoBarging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(1, bulkhead.Queue(2, time.Hour))
		token := begin(t, b)
		first := visit(b, always)
		second := visit(b, always)
		b.Release(token, nil)
		now := late{always, time.Now()} // nobody without a permit can wait
		assert.Equal(t, bulkhead.ReasonDeadline, refused(t, b, now).Reason, "it is the first's, who does not know yet")
		assert.Equal(t, []string{"goes", "waits"}, are([]*visitor{first, second}))
		third := visit(b, always)
		b.Release(first.token, nil)
		assert.Equal(t, []string{"goes", "waits"}, are([]*visitor{second, third}))
		b.Release(second.token, nil)
		synctest.Wait()
		b.Release(third.token, nil)
		isWhole(t, b)
	})
}

// Anybody can leave, from anywhere, and the others keep their order.
func TestLeavingTheQueue(t *testing.T) {
	for name, leaves := range map[string][]int{
		"the only": {0}, "the first": {0}, "the last": {4}, "in the middle": {2}, "neighbors": {1, 2}, "neighbors, from behind": {2, 1},
		"first and last": {0, 4}, "every other": {0, 2, 4}, "all but one": {4, 0, 1, 3},
		"all": {0, 1, 2, 3, 4}, "all, from behind": {4, 3, 2, 1, 0},
	} {
		in(t, name, func(t *testing.T) {
			n := 5
			if name == "the only" {
				n = 1
			}
			b := bulkhead.New(1, bulkhead.Queue(5, time.Hour))
			token := begin(t, b)
			all := visits(b, n)
			want := slices.Repeat([]string{"waits"}, n)
			for i, who := range leaves {
				all[who].cancel(nil)
				want[who] = "canceled"
				assert.Equal(t, want, are(all))
				holds(t, b, 1, n-i-1)
			}
			newcomer := visit(b, always) // there is room at the end
			all, want = append(all, newcomer), append(want, "waits")
			for i, v := range all {
				if want[i] == "canceled" {
					continue
				}
				b.Release(token, nil)
				want[i] = "goes"
				require.Equal(t, want, are(all), "in order")
				token = v.token
			}
			b.Release(token, nil)
			isWhole(t, b)
			assert.Equal(t, uint64(len(leaves)+1), b.Snapshot().Rejected)
		})
	}
}

// A wait ends in time: with the longest that the queue allows, or at the deadline, whichever comes first; each waiter has its own.
func TestWaitsEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(1, bulkhead.Queue(10, 100*ms))
		begin(t, b)
		var all []*visitor
		for _, deadline := range []time.Duration{time.Hour, 101 * ms, 99 * ms, 30 * ms, 1} {
			all = append(all, visit(b, deadAt(t, deadline)))
		}
		time.Sleep(200 * ms)
		assert.Equal(t, []string{"waited", "waited", "deadline", "deadline", "deadline"}, are(all))
		var after []time.Duration
		for _, v := range all {
			after = append(after, v.after)
		}
		assert.Equal(t, []time.Duration{100 * ms, 100 * ms, 99 * ms, 30 * ms, 1}, after)
		holds(t, b, 1, 0)
	})
}

// Between the look at a full bulkhead and the place in its queue much can happen. Whatever it is, it counts.
func TestWhatHappensMeanwhile(t *testing.T) {
	for _, test := range []struct {
		name      string
		meanwhile func(b *bulkhead.Bulkhead)
		want      string
	}{
		{"nothing", func(*bulkhead.Bulkhead) {}, "waited"},
		{"a permit comes back", func(b *bulkhead.Bulkhead) { b.Release(1, nil) }, "goes"},
		{"a permit comes back and is taken", func(b *bulkhead.Bulkhead) {
			b.Release(1, nil)
			_, _ = b.Acquire(always)
		}, "waited"},
		{"the queue fills", func(b *bulkhead.Bulkhead) { visits(b, 2) }, "queue_full"},
		{"the queue fills and a permit comes back", func(b *bulkhead.Bulkhead) {
			visits(b, 2)
			b.Release(1, nil)
		}, "waited"},
		{"the queue fills and empties", func(b *bulkhead.Bulkhead) {
			for _, v := range visits(b, 2) {
				v.cancel(nil)
			}
			synctest.Wait()
		}, "waited"},
	} {
		in(t, test.name, func(t *testing.T) {
			b := bulkhead.New(1, bulkhead.Queue(2, 100*ms))
			begin(t, b)
			start := time.Now()
			v := &visitor{done: make(chan struct{})}
			v.token, v.err = b.Acquire(&busy{Context: always, meanwhile: func() { test.meanwhile(b) }})
			close(v.done)
			assert.Equal(t, test.want, v.is())
			assert.Equal(t, test.want == "waited", time.Since(start) > 0)
			time.Sleep(100 * ms) // whoever waits still gives up
			synctest.Wait()
			b.Release(1, nil)
			isWhole(t, b)
		})
	}
}

// busy is a context during whose first question other things happen.
type busy struct {
	context.Context
	meanwhile func()
}

func (c *busy) Deadline() (time.Time, bool) {
	if c.meanwhile != nil {
		c.meanwhile()
		c.meanwhile = nil
	}
	return c.Context.Deadline()
}

// Whose context has ended does not get into the queue.
func TestTheDeadDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(1, bulkhead.Queue(10, time.Hour))
		begin(t, b)
		for name, ctx := range map[string]context.Context{
			"deadline passed":                   deadAt(t, 0),
			"deadline passed long ago":          deadAt(t, -time.Hour),
			"deadline passed, says the clock":   late{always, time.Now()},
			"canceled, with a deadline to come": canceled(t, time.Hour),
		} {
			v := visit(b, ctx)
			assert.NotEqual(t, "waits", v.is(), name)
			assert.Zero(t, v.after, name)
			holds(t, b, 1, 0)
		}
		assert.Equal(t, bulkhead.Snapshot{Name: "bulkhead", Limit: 1, InFlight: 1, Queue: 10, Rejected: 4}, b.Snapshot())
	})
}

func deadAt(t *testing.T, after time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(always, after)
	t.Cleanup(cancel)
	return ctx
}

func canceled(t *testing.T, deadline time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(always, deadline)
	cancel()
	return ctx
}

// A place in the queue that becomes free is free, and a queue that is full admits none, though permits come and go.
func TestPlacesInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(1, bulkhead.Queue(2, time.Hour))
		token := begin(t, b)
		all := visits(b, 3)
		assert.Equal(t, []string{"waits", "waits", "queue_full"}, are(all))
		for range 5 {
			b.Release(token, nil)
			synctest.Wait()
			token = all[0].token
			all = append(all[1:2], visits(b, 2)...)
			require.Equal(t, []string{"waits", "waits", "queue_full"}, are(all))
		}
		all[0].cancel(nil)
		synctest.Wait()
		v := visit(b, always)
		assert.Equal(t, "waits", v.is())
		v.cancel(nil)
		all[1].cancel(nil)
		synctest.Wait()
		b.Release(token, nil)
		isWhole(t, b)
	})
}

// A permit that is granted in the moment in which the waiter's context ends goes to the next, and the waiter hears of its context. One core
// lets the grant and the end both happen before the waiter wakes, in either order; a waiter that is quicker has gone, or goes.
func TestGrantedAndCanceled(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(1, bulkhead.Queue(3, time.Hour))
		passedOn := 0
		for round := range 200 {
			token := begin(t, b)
			first := visit(b, always)
			second := visit(b, always)
			if before := b.Snapshot(); round%2 == 0 {
				b.Release(token, nil)
				first.cancel(errShutdown)
			} else {
				first.cancel(errShutdown)
				b.Release(token, nil)
				if b.Snapshot().Waits > before.Waits {
					passedOn++ // it was given to a caller who had gone
				}
			}
			if synctest.Wait(); first.err == nil {
				assert.Equal(t, []string{"goes", "waits"}, are([]*visitor{first, second}))
				b.Release(first.token, nil)
				synctest.Wait()
			} else {
				require.ErrorIs(t, first.err, errShutdown)
				require.ErrorIs(t, first.err, bulkhead.ErrFull)
			}
			require.Equal(t, "goes", second.is(), "no permit is lost")
			b.Release(second.token, nil)
			holds(t, b, 0, 0)
		}
		assert.Positive(t, passedOn, "the test met the case")
		isWhole(t, b)
		s := b.Snapshot()
		assert.Equal(t, uint64(400), s.Waits)
		assert.Equal(t, s.Rejected-1, s.GaveUp, "one was isWhole's")
	})
}

// A permit that is granted in the moment in which the longest wait ends is the waiter's, or the next one's; never nobody's.
func TestGrantedAtTheLastMoment(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			b := bulkhead.New(1, bulkhead.Queue(1, 10*ms))
			token := begin(t, b)
			v := visit(b, always)
			time.Sleep(10 * ms)
			b.Release(token, nil)
			synctest.Wait()
			if v.err == nil {
				holds(t, b, 1, 0)
				b.Release(v.token, nil)
			} else {
				assert.Equal(t, "waited", v.is())
			}
			isWhole(t, b)
		})
	}
}

// A context is the user's own code, and may panic. Neither a place nor a permit is lost by it.
func TestAPanickingContextHoldsNothing(t *testing.T) {
	for _, at := range []string{"Done", "Deadline", "Err", "Err after the wait"} {
		in(t, at, func(t *testing.T) {
			b := bulkhead.New(1, bulkhead.Queue(1, 10*ms))
			token := begin(t, b)
			ctx := &mine{Context: deadAt(t, 5*ms), at: at}
			assert.PanicsWithValue(t, at, func() { _, _ = b.Acquire(ctx) })
			holds(t, b, 1, 0)
			v := visit(b, always)
			b.Release(token, nil)
			<-v.done
			require.NoError(t, v.err)
			b.Release(v.token, nil)
			isWhole(t, b)
		})
	}
}

// mine is a context that panics.
type mine struct {
	context.Context
	at    string
	asked bool
}

func (m *mine) Done() <-chan struct{}       { m.boom("Done"); return m.Context.Done() }
func (m *mine) Deadline() (time.Time, bool) { m.boom("Deadline"); return m.Context.Deadline() }
func (m *mine) Err() error {
	m.boom("Err")
	if m.asked {
		m.boom("Err after the wait")
	}
	m.asked = true
	return m.Context.Err()
}

func (m *mine) boom(here string) {
	if m.at == here {
		panic(here)
	}
}
