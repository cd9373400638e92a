package gobreakeradapter_test

import (
	"math"
	"testing"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
)

func TestWorst(t *testing.T) {
	atOnce, wait := gobreakeradapter.NewGate(gobreaker.NewTwoStepCircuitBreaker[int](gobreaker.Settings{})).Worst()
	assert.Equal(t, math.MaxInt, atOnce)
	assert.Zero(t, wait)
	calls, atOnce, own := gobreakeradapter.NewMiddleware(gobreaker.NewCircuitBreaker[int](gobreaker.Settings{})).Worst()
	assert.Equal(t, []int{1, 1}, []int{calls, atOnce})
	assert.Zero(t, own)
}
