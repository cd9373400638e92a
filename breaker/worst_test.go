package breaker_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
)

func TestWorst(t *testing.T) {
	atOnce, wait := breaker.New().Worst()
	assert.Equal(t, math.MaxInt, atOnce)
	assert.Zero(t, wait)
}
