package ratelimit_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/ratelimit"
)

func TestWorst(t *testing.T) {
	atOnce, wait := ratelimit.New(1, 1).Worst()
	assert.Equal(t, math.MaxInt, atOnce)
	assert.Zero(t, wait)
	_, wait = ratelimit.New(1, 1, ratelimit.Wait(time.Second)).Worst()
	assert.Equal(t, time.Second, wait)
}
