package ratelimit_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/ratelimit"
)

// A limiter can be forgotten when a new one would admit no more.
func TestEvictable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(1, 2)
		assert.True(t, l.Evictable(false))
		_, err := l.Acquire(context.Background())
		require.NoError(t, err)
		assert.False(t, l.Evictable(false))
		assert.False(t, l.Evictable(true))
		time.Sleep(time.Second - 1)
		assert.False(t, l.Evictable(false))
		time.Sleep(time.Nanosecond)
		assert.True(t, l.Evictable(false))

		unlimited := ratelimit.New(rate.Inf, 1)
		_, err = unlimited.Acquire(context.Background())
		require.NoError(t, err)
		assert.True(t, unlimited.Evictable(false))
	})
}
