package bulkhead_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/bulkhead"
)

// A lower limit admits nobody until enough have left: a permit that comes back meanwhile is gone, though somebody waits for it.
func TestALowerLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(5, bulkhead.Queue(3, time.Hour))
		tokens := fill(t, b)
		waiting := visits(b, 2)
		require.NoError(t, b.Update(bulkhead.Limit(2)))
		assert.Equal(t, bulkhead.Snapshot{Name: "bulkhead", Limit: 2, InFlight: 5, Queue: 3, Queued: 2}, b.Snapshot())
		for _, left := range []int{4, 3, 2} {
			b.Release(tokens[left], nil)
			holds(t, b, left, 2)
		}
		assert.Equal(t, []string{"waits", "waits"}, are(waiting))
		b.Release(tokens[1], nil)
		assert.Equal(t, []string{"goes", "waits"}, are(waiting))
		b.Release(tokens[0], nil)
		assert.Equal(t, []string{"goes", "goes"}, are(waiting))
		holds(t, b, 2, 0)
		for _, v := range waiting {
			b.Release(v.token, nil)
		}
		isWhole(t, b)
	})
}

// Without anybody who waits it is the same, and who comes later is refused with the new numbers.
func TestALowerLimitWithoutAQueue(t *testing.T) {
	b := bulkhead.New(3)
	tokens := fill(t, b)
	assert.EqualError(t, refused(t, b, always), "bulkhead is full: all 3 permits are taken, and there is no queue")
	require.NoError(t, b.Update(bulkhead.Limit(1)))
	for i, token := range tokens {
		full := refused(t, b, always)
		assert.EqualError(t, full, "bulkhead is full: its only permit is taken, and there is no queue")
		assert.Equal(t, 1, full.Limit)
		assert.Same(t, full, refused(t, b, always), "made once")
		holds(t, b, 3-i, 0)
		b.Release(token, nil)
	}
	assert.Equal(t, uint64(7), b.Snapshot().Rejected)
	isWhole(t, b)
}

// Where all who are above the limit have left the queue, and some the bulkhead, the others go on as ever.
func TestALowerLimitAndALeaver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(2, bulkhead.Queue(3, time.Hour))
		tokens := fill(t, b)
		waiting := visits(b, 1)
		require.NoError(t, b.Update(bulkhead.Limit(1)))
		waiting[0].cancel(nil)
		synctest.Wait()
		holds(t, b, 2, 0)
		assert.Equal(t, "waits", visit(b, late{always, time.Now().Add(ms)}).is(), "with two in flight")
		time.Sleep(3 * ms)
		b.Release(tokens[0], nil)
		next := visit(b, always)
		assert.Equal(t, "waits", next.is())
		b.Release(tokens[1], nil)
		synctest.Wait()
		assert.Equal(t, "goes", next.is())
		b.Release(next.token, nil)
		isWhole(t, b)
	})
}

// A higher limit lets those who wait in at once, in order, and gives newcomers only what they leave.
func TestAHigherLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(1, bulkhead.Queue(9, time.Hour))
		all := visits(b, 6)
		time.Sleep(10 * ms)
		require.NoError(t, b.Update(bulkhead.Limit(3)))
		holds(t, b, 3, 3)
		now := late{always, time.Now()} // nobody without a permit can wait
		assert.Equal(t, bulkhead.ReasonDeadline, refused(t, b, now).Reason, "they are of those who wait, though they do not know yet")
		assert.Equal(t, []string{"goes", "goes", "goes", "waits", "waits", "waits"}, are(all))
		assert.Equal(t, 10*ms, all[2].after)
		s := b.Snapshot()
		assert.Equal(t, []any{uint64(2), 20 * ms, 10 * ms}, []any{s.Waits, s.WaitTime, s.LongestWait})
		require.NoError(t, b.Update(bulkhead.Limit(8)))
		holds(t, b, 6, 0)
		all = append(all, visits(b, 3)...)
		assert.Equal(t, []string{"goes", "goes", "goes", "goes", "goes", "goes", "goes", "goes", "waits"}, are(all))
		b.Release(all[0].token, nil)
		synctest.Wait()
		for _, v := range all[1:] {
			b.Release(v.token, nil)
		}
		isWhole(t, b)
	})
}

// A limit that was lowered and raised again: those in flight count, so that nobody is let in twice.
func TestALimitUpAndDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(4, bulkhead.Queue(9, time.Hour))
		tokens := fill(t, b)
		waiting := visits(b, 2)
		require.NoError(t, b.Update(bulkhead.Limit(1)))
		b.Release(tokens[3], nil)
		require.NoError(t, b.Update(bulkhead.Limit(3)))
		holds(t, b, 3, 2)
		require.NoError(t, b.Update(bulkhead.Limit(4)))
		holds(t, b, 4, 1)
		assert.Equal(t, []string{"goes", "waits"}, are(waiting))
		for _, token := range append(tokens[:3], waiting[0].token) {
			b.Release(token, nil)
		}
		synctest.Wait()
		b.Release(waiting[1].token, nil)
		isWhole(t, b)
	})
}

// A raised limit makes the queue faster than it was, so nobody is refused for how slow it was. A lowered one does not.
func TestThePaceAfterAnUpdate(t *testing.T) {
	for _, test := range []struct {
		name     string
		options  []bulkhead.Option
		hopeless bool
	}{
		{"as it was", nil, true},
		{"a lower limit", []bulkhead.Option{bulkhead.Limit(1)}, true},
		{"another queue", []bulkhead.Option{bulkhead.Queue(200, time.Minute)}, true},
		{"a higher limit", []bulkhead.Option{bulkhead.Limit(3)}, false},
	} {
		in(t, test.name, func(t *testing.T) {
			b, c := crowded()
			time.Sleep(twoStretches + 5*ms)
			require.NoError(t, b.Update(test.options...))
			ctx, cancel := context.WithTimeout(always, ms)
			defer cancel()
			v := visit(b, ctx)
			if test.hopeless {
				assert.Equal(t, "deadline", v.is())
			} else {
				assert.Equal(t, "waits", v.is())
			}
			v.cancel(nil)
			<-v.done
			c.goHome()
			isWhole(t, b)
		})
	}
}
