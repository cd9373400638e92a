package fallback_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fallback"
)

func TestWorst(t *testing.T) {
	const never = time.Duration(math.MaxInt64)
	value := fallback.Value(1)
	asked := fallback.Func(func(context.Context, error) (int, error) { panic("asked") })
	assert.Zero(t, value.Worst())
	assert.Equal(t, never, asked.Worst())
	assert.Equal(t, never, fallback.Run(func(context.Context, error) error { panic("asked") }).Worst())
	assert.Zero(t, fallback.Chain([]*fallback.Policy{value, value}).Worst())
	assert.Equal(t, never, fallback.Chain([]*fallback.Policy{asked, value}).Worst())
	assert.Equal(t, never, fallback.Chain([]*fallback.Policy{value, asked}).Worst())
}
