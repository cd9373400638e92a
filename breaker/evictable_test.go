package breaker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
)

// What can be forgotten, to make room and after a long time, in each state.
func TestEvictable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breaker.New(breaker.ConsecutiveFailures(1), breaker.OpenTime(time.Minute), breaker.OpenTimeJitter(0), breaker.Probes(1))
		says := func(what string, room, idle bool) {
			t.Helper()
			assert.Equal(t, room, b.Evictable(false), "%s: to make room", what)
			assert.Equal(t, idle, b.Evictable(true), "%s: after a long time", what)
		}
		says("closed", true, true)
		token, err := b.Acquire(context.Background())
		require.NoError(t, err)
		b.Release(token, errors.New("connection refused"))
		says("open", false, false)
		time.Sleep(time.Minute)
		says("open, its time up", false, true)
		token, err = b.Acquire(context.Background())
		require.NoError(t, err)
		says("a probe is out", false, false)
		b.Release(token, nil)
		says("closed again", true, true)
		b.Isolate("maintenance")
		says("isolated", false, false)
		b.ForceClosed()
		says("forced closed", false, false)
		b.Reset()
		says("reset", true, true)
	})
}
