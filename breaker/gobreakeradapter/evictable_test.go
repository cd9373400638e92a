package gobreakeradapter_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
)

// A breaker of gobreaker can be forgotten when it is closed, and after a long time when it could probe. Of one without a State nobody knows.
func TestEvictable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings := gobreaker.Settings{Timeout: time.Minute, ReadyToTrip: atOnce}
		gate := gobreakeradapter.NewGate(gobreaker.NewTwoStepCircuitBreaker[any](settings))
		assert.True(t, gate.Evictable(false))
		token, err := gate.Acquire(ctx)
		require.NoError(t, err)
		gate.Release(token, errDown)
		assert.False(t, gate.Evictable(false))
		assert.False(t, gate.Evictable(true))
		time.Sleep(time.Minute + 1)
		assert.False(t, gate.Evictable(false))
		assert.True(t, gate.Evictable(true))
		assert.True(t, gobreakeradapter.NewMiddleware(gobreaker.NewCircuitBreaker[any](settings)).Evictable(false))
		assert.False(t, gobreakeradapter.NewGate(told{newLegacy()}).Evictable(true))
	})
}
