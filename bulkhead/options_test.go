package bulkhead_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/bulkhead"
)

// Nonsense is refused where it is written, with what is wrong and what is allowed.
func TestNonsense(t *testing.T) {
	const (
		limits = "must be from 1 to 1048576 (for no limit, leave the bulkhead out)"
		places = "must be given from 1 to 1048576 places (leave it out for no queue)"
		waits  = "must be given a wait from 1µs to 24h0m0s"
	)
	type options = []bulkhead.Option
	for _, test := range []struct {
		limit   int
		options options
		want    string
	}{
		{0, nil, "bulkhead: New(0): " + limits},
		{-1, nil, "bulkhead: New(-1): " + limits},
		{math.MinInt32, nil, "bulkhead: New(-2147483648): " + limits},
		{1<<20 + 1, nil, "bulkhead: New(1048577): " + limits},
		{math.MaxInt32, nil, "bulkhead: New(2147483647): " + limits},

		{1, options{nil}, "bulkhead: option 1 is nil: leave it out instead"},
		{1, options{bulkhead.Name("")}, `bulkhead: Name(""): must be a name`},

		{1, options{bulkhead.Queue(0, time.Second)}, "bulkhead: Queue(0, 1s): " + places},
		{1, options{bulkhead.Queue(-1, time.Second)}, "bulkhead: Queue(-1, 1s): " + places},
		{1, options{bulkhead.Queue(1<<20+1, time.Second)}, "bulkhead: Queue(1048577, 1s): " + places},
		{1, options{bulkhead.Queue(math.MaxInt32, time.Second)}, "bulkhead: Queue(2147483647, 1s): " + places},
		{1, options{bulkhead.Queue(1, 0)}, "bulkhead: Queue(1, 0s): " + waits},
		{1, options{bulkhead.Queue(1, -time.Second)}, "bulkhead: Queue(1, -1s): " + waits},
		{1, options{bulkhead.Queue(1, 100)}, "bulkhead: Queue(1, 100ns): " + waits}, // forgot the unit
		{1, options{bulkhead.Queue(1, time.Microsecond-1)}, "bulkhead: Queue(1, 999ns): " + waits},
		{1, options{bulkhead.Queue(1, 24*time.Hour+1)}, "bulkhead: Queue(1, 24h0m0.000000001s): " + waits},
		{1, options{bulkhead.Queue(1, math.MaxInt64)}, "bulkhead: Queue(1, 2562047h47m16.854775807s): " + waits},
		{1, options{bulkhead.Queue(0, 0)}, "bulkhead: Queue(0, 0s): " + places + "\nbulkhead: Queue(0, 0s): " + waits},

		{ // all that is wrong is said at once
			-5, options{bulkhead.Queue(0, time.Second), nil, bulkhead.Name("fine")},
			"bulkhead: New(-5): " + limits + "\nbulkhead: Queue(0, 1s): " + places + "\nbulkhead: option 2 is nil: leave it out instead",
		},
	} {
		t.Run(test.want, func(t *testing.T) {
			require.EqualError(t, bulkhead.Validate(test.limit, test.options...), test.want)
			assert.PanicsWithError(t, test.want, func() { bulkhead.New(test.limit, test.options...) })
		})
	}
}

// What is just allowed is allowed, and is what one gets.
func TestBounds(t *testing.T) {
	for _, test := range []struct {
		limit, queue int
		wait         time.Duration
		want         string
	}{
		{1, 0, 0, "at most 1 at once"},
		{1 << 20, 0, 0, "at most 1048576 at once"},
		{1, 1, time.Microsecond, "at most 1 at once; 1 more wait up to 1µs"},
		{1 << 20, 1 << 20, 24 * time.Hour, "at most 1048576 at once; 1048576 more wait up to 24h0m0s"},
	} {
		t.Run(test.want, func(t *testing.T) {
			options := []bulkhead.Option{bulkhead.Name("stock")}
			if test.queue > 0 {
				options = append(options, bulkhead.Queue(99, time.Second), bulkhead.Queue(test.queue, test.wait)) // the last counts
			}
			require.NoError(t, bulkhead.Validate(test.limit, options...))
			b := bulkhead.New(test.limit, options...)
			assert.Equal(t, test.want, b.String())
			assert.Equal(t, "stock", b.Name())
			assert.Equal(t, bulkhead.Snapshot{Name: "stock", Limit: test.limit, Queue: test.queue}, b.Snapshot())
			for range test.limit {
				if _, err := b.Acquire(always); err != nil {
					require.NoError(t, err)
				}
			}
			holds(t, b, test.limit, 0)
			_ = refused(t, b, late{always, time.Now()})
		})
	}
	assert.Equal(t, "bulkhead", bulkhead.New(1).Name())
}
