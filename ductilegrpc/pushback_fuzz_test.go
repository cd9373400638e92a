package ductilegrpc

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc/metadata"
)

// A pushback is a wait that a time.Duration can be, or a no: whatever a server says, it is never taken for silence.
func FuzzPushback(f *testing.F) {
	for _, s := range []string{"", "0", "7", "+7", "007", "-1", "-0", " 7", "7ms", "0x7", "1_0", "1e3", "٧", "9223372036854775807", "9223372036854", "9223372036855",
		"9223372036854775808", "-9223372036854775808"} {
		f.Add(s, "")
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		wait, told := pushback(metadata.MD{pushbackTrailer: {one}})
		assert.True(t, told)
		ms, err := strconv.ParseInt(one, 10, 64)
		switch {
		case err != nil, ms < 0:
			assert.Equal(t, time.Duration(-1), wait)
		case ms <= math.MaxInt64/int64(time.Millisecond):
			assert.Equal(t, ms, wait.Milliseconds())
		default:
			assert.Greater(t, wait, 200*365*24*time.Hour)
		}
		wait, told = pushback(metadata.MD{pushbackTrailer: {one, two}})
		assert.True(t, told)
		assert.Equal(t, time.Duration(-1), wait)
		_, told = pushback(metadata.MD{one: {two}})
		assert.Equal(t, one == pushbackTrailer, told)
	})
}
