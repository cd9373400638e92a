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

// A shorter queue, or none, keeps those who wait, in order and with their own longest wait. It takes others once it is short enough.
func TestAShorterQueue(t *testing.T) {
	for _, test := range []struct {
		name   string
		option bulkhead.Option
		others string // what becomes of them while it is too long
		error  string
		after  string // and when all but one have left it
	}{
		{"two places", bulkhead.Queue(2, time.Hour), "queue_full", "its only permit is taken, and so are all 2 places in the queue", "waits"},
		{"one place", bulkhead.Queue(1, ms), "queue_full", "its only permit is taken, and so is the only place in the queue", "queue_full"},
		{"none", bulkhead.NoQueue(), "full", "its only permit is taken, and there is no queue", "full"},
	} {
		in(t, test.name, func(t *testing.T) {
			b := bulkhead.New(1, bulkhead.Queue(5, 100*ms))
			tokens := fill(t, b)
			waiting := visits(b, 3)
			time.Sleep(10 * ms)
			require.NoError(t, b.Update(test.option))
			assert.Equal(t, 3, b.Snapshot().Queued)
			other := visit(b, always)
			assert.Equal(t, test.others, other.is())
			assert.EqualError(t, other.err, "bulkhead is full: "+test.error)
			b.Release(tokens[0], nil)
			assert.Equal(t, []string{"goes", "waits", "waits"}, are(waiting), "they are served as ever")
			assert.Equal(t, test.others, visit(b, always).is())
			waiting[1].cancel(nil)
			synctest.Wait()
			other = visit(b, always)
			assert.Equal(t, test.after, other.is())
			time.Sleep(time.Second)
			assert.Equal(t, "waited", waiting[2].is())
			assert.Equal(t, 100*ms, waiting[2].after, "the longest wait is its own")
			assert.EqualError(t, waiting[2].err, "bulkhead is full: its only permit is taken; none came free in 100ms, the longest wait allowed")
			b.Release(waiting[0].token, nil)
			if test.after == "waits" {
				synctest.Wait()
				b.Release(other.token, nil)
			}
			isWhole(t, b)
		})
	}
}

// The longest wait is that of when the call came, shorter or longer. So are the numbers of its error.
func TestEverybodysOwnWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(2, bulkhead.Queue(5, 100*ms))
		tokens := fill(t, b)
		var all []*visitor
		for n, wait := range []time.Duration{100 * ms, 50 * ms, 200 * ms} {
			require.NoError(t, b.Update(bulkhead.Queue(5+n, wait)))
			all = append(all, visit(b, always))
		}
		require.NoError(t, b.Update(bulkhead.Limit(1)))
		hurried, cancel := context.WithTimeout(always, 150*ms)
		defer cancel()
		all = append(all, visit(b, hurried))
		time.Sleep(time.Second)
		want := []struct {
			after        time.Duration
			limit, queue int
		}{{100 * ms, 2, 5}, {50 * ms, 2, 6}, {200 * ms, 2, 7}, {150 * ms, 1, 7}}
		for i, v := range all {
			<-v.done
			full := new(bulkhead.FullError)
			require.ErrorAs(t, v.err, &full)
			assert.Equal(t, want[i].after, v.after)
			assert.Equal(t, []int{want[i].limit, want[i].queue}, []int{full.Limit, full.Queue})
		}
		for _, token := range tokens {
			b.Release(token, nil)
		}
		isWhole(t, b)
	})
}

// A queue that comes while calls are in flight.
func TestAQueueThatComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkhead.New(1)
		tokens := fill(t, b)
		assert.Equal(t, "full", visit(b, always).is())
		require.NoError(t, b.Update(bulkhead.Queue(1, time.Second)))
		v := visit(b, always)
		assert.Equal(t, "waits", v.is())
		assert.Equal(t, "queue_full", visit(b, always).is())
		b.Release(tokens[0], nil)
		synctest.Wait()
		b.Release(v.token, nil)
		isWhole(t, b)
	})
}

// A deadline that was to come before the longest wait is why the call went, though the longest wait is shorter now.
func TestADeadlineAndAShorterWait(t *testing.T) {
	for name, option := range map[string]bulkhead.Option{"shorter": bulkhead.Queue(1, ms), "none": bulkhead.NoQueue()} {
		in(t, name, func(t *testing.T) {
			b := bulkhead.New(1, bulkhead.Queue(1, 100*ms))
			tokens := fill(t, b)
			v := visit(b, late{always, time.Now().Add(50 * ms)})
			require.NoError(t, b.Update(option))
			time.Sleep(time.Second)
			assert.Equal(t, "deadline", v.is())
			b.Release(tokens[0], nil)
			isWhole(t, b)
		})
	}
}
