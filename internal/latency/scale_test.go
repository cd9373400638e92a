package latency

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Every duration is in exactly one bucket, the buckets follow one another without a gap, and none is wider than a sixteenth of the
// shortest it holds.
func TestScale(t *testing.T) {
	assert.Zero(t, least(0))
	assert.Equal(t, Shortest, least(1))
	assert.Equal(t, Longest, least(buckets-1))
	for bucket := range buckets - 1 {
		low, high := least(bucket), most(bucket)
		assert.Equal(t, bucket, bucketOf(low), low)
		assert.Equal(t, bucket, bucketOf(high), high)
		assert.Equal(t, bucket+1, bucketOf(high+1), high)
		assert.Equal(t, low, Floor(high))
		if bucket > 0 {
			assert.LessOrEqual(t, (high-low)*perPower, low, low)
		}
	}
}

// What is off the scale is at its ends.
func TestScaleEnds(t *testing.T) {
	for _, d := range []time.Duration{math.MinInt64, -1, 0, 1, Shortest - 1} {
		assert.Equal(t, 0, bucketOf(d), d)
		assert.Zero(t, Floor(d), d)
	}
	for _, d := range []time.Duration{Longest, Longest + 1, math.MaxInt64} {
		assert.Equal(t, buckets-1, bucketOf(d), d)
		assert.Equal(t, Longest, Floor(d), d)
	}
	assert.Equal(t, Longest, most(buckets-1))
}
