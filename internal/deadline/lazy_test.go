package deadline_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/deadline"
)

// noting is a parent that notes how often it was asked for its channel: that is what whoever registers with a parent asks first.
type noting struct {
	context.Context
	asked *int
}

func (n noting) Done() <-chan struct{} {
	*n.asked++
	return n.Context.Done()
}

// Nothing is registered with the parent until somebody waits: not by a question that can be answered without, and not for a call that
// ends unasked.
func TestNothingIsRegisteredUntilSomebodyWaits(t *testing.T) {
	asked := 0
	ctx := within(noting{context.WithValue(t.Context(), key{}, "parent's"), &asked}, time.Hour)
	inner := within(ctx, time.Minute)
	for range 3 {
		assert.NoError(t, inner.Err())
		assert.NoError(t, context.Cause(inner))
		assert.Equal(t, "parent's", inner.Value(key{}))
		_, _ = inner.Deadline()
		_ = inner.Expired()
		_ = inner.String()
		deadline.Retain(inner)()
	}
	inner.End()
	assert.Zero(t, asked)

	ctx.Done()
	assert.NotZero(t, asked)
	before := asked
	ctx.Done()
	assert.Equal(t, before, asked, "once, and not for each who waits")
	ctx.End()
}
