package ductilegrpc

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Nobody comes early, nobody much too late, and nobody at all after a time that no client would wait.
func TestSpread(t *testing.T) {
	const most = 1 - 1.0/(1<<53) // of rand.Float64
	for _, test := range []struct {
		after time.Duration
		share float64
		want  time.Duration
	}{
		{0, 0, 0},
		{0, most, 0},
		{1, 0, time.Millisecond},
		{1, most, time.Millisecond},
		{time.Millisecond, 0, time.Millisecond},
		{time.Millisecond + 1, 0, 2 * time.Millisecond},
		{time.Millisecond, most, 2 * time.Millisecond},
		{time.Second, 0, time.Second},
		{time.Second, 0.5, 1250 * time.Millisecond},
		{time.Second, most, 1500 * time.Millisecond},
		{time.Hour, 0, time.Hour},
		{time.Hour + 1, 0, time.Hour},
		{math.MaxInt64, 0, time.Hour},
		{math.MaxInt64, 0.5, 75 * time.Minute},
		{math.MaxInt64, most, 90 * time.Minute},
	} {
		assert.Equal(t, test.want, spread(test.after, test.share), "%v %v", test.after, test.share)
	}
}
