package fault_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
)

// The driver marks what policies hear, and takes the mark off before a caller sees anything.
func TestEndAndOriginal(t *testing.T) {
	seen := fault.End(errPlain, fault.ClassCanceled)
	assert.Equal(t, fault.ClassCanceled, fault.Of(seen))
	require.ErrorIs(t, seen, errPlain)
	require.EqualError(t, seen, errPlain.Error())
	assert.Same(t, errPlain, fault.Original(seen))
}

func TestEndOfNothingIsNothing(t *testing.T) {
	require.NoError(t, fault.End(nil, fault.ClassTimeout))
	assert.NoError(t, fault.Original(nil))
}

// Each layer may see the same end differently. A mark replaces the one before, so that one Original finds the error again.
func TestEndReplacesEnd(t *testing.T) {
	seen := fault.End(fault.End(errPlain, fault.ClassTransient), fault.ClassTimeout)
	assert.Equal(t, fault.ClassTimeout, fault.Of(seen))
	assert.Same(t, errPlain, fault.Original(seen))
}

// Original takes off the driver's mark and no other: what a user marked or wrapped is the user's.
func TestOriginalLeavesTheRest(t *testing.T) {
	marked := fault.Permanent(errPlain)
	assert.Same(t, marked, fault.Original(marked))
	assert.Same(t, marked, fault.Original(fault.End(marked, fault.ClassTimeout)))

	wrapped := fmt.Errorf("inner pipeline: %w", fault.End(errPlain, fault.ClassTimeout))
	assert.Same(t, wrapped, fault.Original(wrapped), "the driver's mark is the outermost, or is not the driver's")
	assert.Equal(t, context.Canceled, fault.Original(context.Canceled))
}

// A copy of a call that lost says one thing of the dependency: whether it had been slow.
func TestSuperseded(t *testing.T) {
	assert.Equal(t, fault.ClassSuperseded, fault.Of(fault.Superseded(true)))
	assert.Equal(t, fault.ClassSuperseded, fault.Of(fault.Superseded(false)))
	assert.True(t, fault.Outlasted(fault.Superseded(true)))
	assert.False(t, fault.Outlasted(fault.Superseded(false)))
	assert.False(t, fault.Outlasted(fault.End(errPlain, fault.ClassSuperseded)))
	assert.False(t, fault.Outlasted(fault.ErrAborted))
	assert.False(t, fault.Outlasted(fault.ErrExited))
	assert.False(t, fault.Outlasted(errPlain))
	assert.False(t, fault.Outlasted(nil))
	assert.False(t, fault.Outlasted(fmt.Errorf("x: %w", fault.Superseded(true))), "as with Original, only the outermost counts")
}

// A policy may want to know whose deadline has passed: that of its own context, which the driver says, or any other's.
func TestDeadlinePassed(t *testing.T) {
	assert.True(t, fault.DeadlinePassed(fault.End(errPlain, fault.ClassTimeout)))
	for _, other := range []error{
		nil, errPlain, context.DeadlineExceeded, fault.Timeout(errPlain), fault.End(context.DeadlineExceeded, fault.ClassCanceled),
		fmt.Errorf("x: %w", fault.End(errPlain, fault.ClassTimeout)),
	} {
		assert.False(t, fault.DeadlinePassed(other), "%v", other)
	}
}

// Sentinels are one object each, so that a gate can compare.
func TestSentinelsAreThemselves(t *testing.T) {
	sentinels := []error{
		fault.ErrAborted, fault.ErrExited, fault.ErrRejected, fault.ErrFinal, fault.Superseded(true), fault.Superseded(false),
	}
	for i, one := range sentinels {
		for j, other := range sentinels {
			assert.Equal(t, i == j, one == other, "%v and %v", one, other) //nolint:errorlint // identity is what is tested
		}
		assert.NotEmpty(t, one.Error())
	}
}
