package bulkhead_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fault"
)

// So many calls are admitted and no more, however they end, again and again.
func TestLimit(t *testing.T) {
	for _, limit := range []int{1, 2, 64, 1000} {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			b := bulkhead.New(limit)
			for _, end := range []error{nil, errDown, fault.ErrAborted, fault.ErrExited, fault.Superseded(true)} {
				tokens := fill(t, b)
				assert.Len(t, tokens, limit)
				assert.Equal(t, bulkhead.ReasonFull, refused(t, b, always).Reason)
				holds(t, b, limit, 0)
				b.Release(tokens[0], end)
				tokens[0] = begin(t, b)
				_ = refused(t, b, always)
				for _, token := range tokens {
					b.Release(token, end)
				}
				isWhole(t, b)
			}
		})
	}
}

// One may release by hand in a deferred function, and look at the error after it. A call that was refused has no permit to give back.
func TestTheTokenOfARefusedCallIsNone(t *testing.T) {
	b := bulkhead.New(1)
	defer b.Release(begin(t, b), nil)
	for range 3 {
		token, err := b.Acquire(always)
		assert.ErrorIs(t, err, bulkhead.ErrFull)
		b.Release(token, err)
	}
	holds(t, b, 1, 0)
	_ = refused(t, b, always)
}

// More releases than calls make no more permits than the limit.
func TestNeverBelowZero(t *testing.T) {
	for name, b := range map[string]*bulkhead.Bulkhead{"no queue": bulkhead.New(2), "queue": bulkhead.New(2, bulkhead.Queue(2, ms))} {
		t.Run(name, func(t *testing.T) {
			token := begin(t, b)
			for range 10 {
				b.Release(token, nil)
				holds(t, b, 0, 0)
			}
			isWhole(t, b)
		})
	}
}

// A token has no memory, which the documentation of Release says: a second Release is another call's, and one call too many may go.
func TestASecondReleaseIsAnothers(t *testing.T) {
	b := bulkhead.New(2)
	first, second := begin(t, b), begin(t, b)
	b.Release(first, nil)
	b.Release(first, nil) // the second's
	holds(t, b, 0, 0)
	assert.Len(t, fill(t, b), 2)
	b.Release(second, nil)
	holds(t, b, 1, 0)
}

// Where nobody has to wait nobody asks the context, not even whether it is alive: who makes the call does.
func TestAFreePermitIsGivenUnasked(t *testing.T) {
	b := bulkhead.New(1, bulkhead.Queue(1, ms))
	dead, cancel := context.WithCancel(always)
	cancel()
	for _, ctx := range []context.Context{dead, nil} {
		token, err := b.Acquire(ctx)
		assert.NoError(t, err)
		b.Release(token, nil)
	}
}

// Two bulkheads have nothing in common.
func TestBulkheadsAreApart(t *testing.T) {
	stock, prices := bulkhead.New(1), bulkhead.New(1)
	begin(t, stock)
	begin(t, prices)
	_ = refused(t, stock, always)
}
