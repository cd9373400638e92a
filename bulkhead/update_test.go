package bulkhead_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/bulkhead"
)

// What is tuned is what one sees, at once, everywhere.
func TestUpdateIsSeenEverywhere(t *testing.T) {
	b := bulkhead.New(5, bulkhead.Name("stock"))
	require.NoError(t, b.Update(bulkhead.Limit(7), bulkhead.Queue(3, time.Second), bulkhead.Name("stock")))
	assert.Equal(t, "at most 7 at once; 3 more wait up to 1s", b.String())
	assert.Equal(t, bulkhead.Snapshot{Name: "stock", Limit: 7, Queue: 3}, b.Snapshot())
	atOnce, wait := b.Worst()
	assert.Equal(t, []any{7, time.Second}, []any{atOnce, wait})
	require.NoError(t, b.Update())
	assert.Equal(t, "at most 7 at once; 3 more wait up to 1s", b.String(), "nothing was asked for")
	require.NoError(t, b.Update(bulkhead.NoQueue()))
	assert.Equal(t, "at most 7 at once", b.String())
	atOnce, wait = b.Worst()
	assert.Equal(t, []any{7, time.Duration(0)}, []any{atOnce, wait})
	for _, limit := range []int{1, 1 << 20, 2} {
		require.NoError(t, b.Update(bulkhead.Limit(limit)))
		assert.Equal(t, limit, b.Snapshot().Limit)
	}
	assert.Equal(t, "at most 3 at once", bulkhead.New(1, bulkhead.Queue(1, ms), bulkhead.Limit(3), bulkhead.NoQueue()).String(), "New takes them too")
	isWhole(t, b)
}

// Nonsense changes nothing, not even what made sense beside it, and is refused as by Validate.
func TestUpdateRefuses(t *testing.T) {
	type options = []bulkhead.Option
	const (
		limits = "must be from 1 to 1048576 (for no limit, leave the bulkhead out)"
		places = "must be given from 1 to 1048576 places (leave it out for no queue)"
		name   = `bulkhead: Name("b"): "a" is in use under its name: make another bulkhead`
	)
	for _, test := range []struct {
		options options
		want    string
		fine    bool // for New
	}{
		{options{bulkhead.Limit(0)}, "bulkhead: Limit(0): " + limits, false},
		{options{bulkhead.Limit(math.MinInt32)}, "bulkhead: Limit(-2147483648): " + limits, false},
		{options{bulkhead.Limit(1<<20 + 1)}, "bulkhead: Limit(1048577): " + limits, false},
		{options{bulkhead.Queue(0, time.Second)}, "bulkhead: Queue(0, 1s): " + places, false},
		{options{nil}, "bulkhead: option 1 is nil: leave it out instead", false},
		{options{bulkhead.Name("")}, `bulkhead: Name(""): must be a name`, false},
		{options{bulkhead.Name("b")}, name, true},
		{
			options{bulkhead.Limit(9), bulkhead.Limit(-1), nil, bulkhead.NoQueue(), bulkhead.Name("b")},
			"bulkhead: Limit(-1): " + limits + "\nbulkhead: option 3 is nil: leave it out instead\n" + name, true,
		},
	} {
		t.Run(test.want, func(t *testing.T) {
			b := bulkhead.New(2, bulkhead.Name("a"), bulkhead.Queue(3, time.Second))
			require.EqualError(t, b.Update(test.options...), test.want)
			assert.Equal(t, bulkhead.Snapshot{Name: "a", Limit: 2, Queue: 3}, b.Snapshot())
			assert.Equal(t, "at most 2 at once; 3 more wait up to 1s", b.String())
			if !test.fine {
				require.EqualError(t, bulkhead.Validate(2, test.options...), test.want)
			}
			isWhole(t, b)
		})
	}
}

// curious is a context that does something when it is asked for its end.
type curious struct {
	context.Context
	do func()
}

func (c curious) Done() <-chan struct{} {
	c.do()
	return c.Context.Done()
}

// An Update in the middle of a call that would wait: it meets what is new, as a whole.
func TestACallMeetsTheSettingsOfOneMoment(t *testing.T) {
	type options = []bulkhead.Option
	for _, test := range []struct {
		name    string
		options options
		is      string
		after   time.Duration
	}{
		{"no queue", options{bulkhead.NoQueue()}, "full", 0},
		{"no queue, and a higher limit", options{bulkhead.NoQueue(), bulkhead.Limit(2)}, "goes", 0},
		{"another wait", options{bulkhead.Queue(1, 10*ms), bulkhead.Limit(1)}, "waited", 10 * ms},
	} {
		in(t, test.name, func(t *testing.T) {
			b := bulkhead.New(1, bulkhead.Queue(3, time.Second))
			tokens := fill(t, b)
			v := visit(b, curious{always, func() { assert.NoError(t, b.Update(test.options...)) }})
			time.Sleep(time.Minute)
			assert.Equal(t, test.is, v.is())
			assert.Equal(t, test.after, v.after)
			b.Release(tokens[0], nil)
			b.Release(v.token, nil)
			isWhole(t, b)
		})
	}
}

// during is an option in the middle of which something happens.
func during[C any](option func(*C) error, do func()) func(*C) error {
	return func(c *C) error {
		do()
		return option(c)
	}
}

// Options are the caller's code, and run under no lock: calls go on, and another Update meanwhile is not lost.
func TestOptionsRunUnderNoLock(t *testing.T) {
	b := bulkhead.New(1)
	var once sync.Once
	require.NoError(t, b.Update(during(bulkhead.Queue(5, time.Second), func() {
		once.Do(func() {
			assert.NoError(t, b.Update(bulkhead.Limit(7)))
			isWhole(t, b)
		})
	})))
	assert.Equal(t, "at most 7 at once; 5 more wait up to 1s", b.String())
	isWhole(t, b)
}

// After an Update, too, neither a call nor a refusal at once allocates.
func TestATunedBulkheadAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	b := bulkhead.New(1, bulkhead.Queue(1, ms))
	require.NoError(t, b.Update(bulkhead.Limit(3), bulkhead.NoQueue()))
	call := func() {
		token, _ := b.Acquire(always)
		b.Release(token, nil)
	}
	assert.Zero(t, testing.AllocsPerRun(1000, call))
	fill(t, b)
	assert.Zero(t, testing.AllocsPerRun(1000, call))
	assert.Equal(t, uint64(1001), b.Snapshot().Rejected)
}
