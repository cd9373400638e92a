package timeout_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/timeout"
)

func TestWorst(t *testing.T) {
	assert.Equal(t, time.Second, timeout.New(time.Second).Worst())
	asked := timeout.From(func(context.Context) time.Duration { panic("asked") })
	assert.Equal(t, time.Duration(math.MaxInt64), asked.Worst(), "which the function decides, that is not asked")
}
