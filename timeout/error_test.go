package timeout_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// The error of a timeout is found as what it is, by everybody who looks for one, and so is what the function returned.
func TestTheError(t *testing.T) {
	p := timeout.New(time.Second, timeout.Name("attempt"))
	err := fmt.Errorf("get: %w", p.Exceeded(time.Second, errDown))

	require.ErrorIs(t, err, timeout.ErrExceeded)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, errDown)
	assert.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.NotErrorIs(t, err, context.Canceled)
	var exceeded *timeout.Error
	require.ErrorAs(t, err, &exceeded)
	assert.Equal(t, &timeout.Error{Name: "attempt", After: time.Second, Cause: errDown}, exceeded)
	assert.Same(t, errDown, errors.Unwrap(exceeded))
	assert.True(t, exceeded.Timeout())
	assert.True(t, (&url.Error{Op: "Get", URL: "/", Err: exceeded}).Timeout(), "net/url asks it directly")
	assert.Equal(t, fault.ClassTimeout, fault.Of(err))
}

// Whatever the function returned, the end is a timeout. What it said about its health is kept below. Only an answer is returned as it is.
func TestTheErrorIsATimeoutWhateverTheCause(t *testing.T) {
	p := timeout.New(time.Second)
	for _, cause := range []error{nil, errDown, context.Canceled, fault.Overload(errDown, time.Minute)} {
		err := p.Exceeded(time.Second, cause)
		assert.Equal(t, fault.ClassTimeout, fault.Of(err))
		if cause != nil {
			assert.ErrorIs(t, err, cause)
		}
	}
	for _, answer := range []error{fault.Permanent(errDown), fault.Ignore(errDown)} {
		assert.Equal(t, answer, p.Exceeded(time.Second, answer))
	}
	known := timeout.New(time.Second, timeout.Classify(func(error) fault.Class { return fault.ClassPermanent }))
	assert.Equal(t, errDown, known.Exceeded(time.Second, errDown))
	after, ok := fault.RetryAfter(p.Exceeded(time.Second, fault.Overload(errDown, time.Minute)))
	assert.True(t, ok)
	assert.Equal(t, time.Minute, after)
}

// The message says what there is to know. That a deadline has passed, which is what most functions say when one has, is not said twice.
func TestTheMessage(t *testing.T) {
	inner := &timeout.Error{Name: "attempt", After: time.Second}
	for _, row := range []struct {
		cause error
		want  string
	}{
		{nil, "total: no answer within 2s"},
		{context.DeadlineExceeded, "total: no answer within 2s"},
		{fmt.Errorf("get: %w", context.DeadlineExceeded), "total: no answer within 2s: get: context deadline exceeded"},
		{errDown, "total: no answer within 2s: down"},
		{context.Canceled, "total: no answer within 2s: context canceled"},
		{os.ErrDeadlineExceeded, "total: no answer within 2s: i/o timeout"},
		{inner, "total: no answer within 2s: attempt: no answer within 1s"},
		{&timeout.Error{Name: "total", After: 2 * time.Second}, "total: no answer within 2s"}, // the cause of the call's context
	} {
		assert.EqualError(t, &timeout.Error{Name: "total", After: 2 * time.Second, Cause: row.cause}, row.want)
	}
}
