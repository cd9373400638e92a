package deadline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/deadline"
)

// The context of a call that had ended in time, and of which nobody had asked anything, was made for the first who did ask. If its time
// had passed meanwhile, that one heard of a timeout that never was, with "no answer within 1s" for a cause: a goroutine that
// outlived its call got another answer after a second than before it.
func TestBugACallThatEndedInTimeTimedOutLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := deadline.New(t.Context(), time.Now().Add(time.Second), time.Second, tooLate{})
		ctx.End()
		time.Sleep(time.Minute)

		assert.Equal(t, context.Canceled, ctx.Err())
		assert.Equal(t, context.Canceled, context.Cause(ctx))
	})
}
