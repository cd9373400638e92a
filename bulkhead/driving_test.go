package bulkhead_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile/bulkhead"
)

// How the tests of this package drive a bulkhead: by hand, as a pipeline's driver would.

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

var (
	errDown = errors.New("down")
	always  = context.Background()
)

// A tester is a test of package testing or of rapid.
type tester interface {
	require.TestingT
	Helper()
}

// in tells a story in virtual time.
func in(t *testing.T, name string, story func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, story) })
}

// begin begins a call, which must be admitted, and returns its token.
func begin(t tester, b *bulkhead.Bulkhead) uint64 {
	t.Helper()
	token, err := b.Acquire(always)
	require.NoError(t, err, "the call should go")
	return token
}

// fill takes all permits that are left.
func fill(t tester, b *bulkhead.Bulkhead) (tokens []uint64) {
	t.Helper()
	for s := b.Snapshot(); s.InFlight < s.Limit; s = b.Snapshot() {
		tokens = append(tokens, begin(t, b))
	}
	return tokens
}

// refused begins a call, which must be refused, and returns how.
func refused(t tester, b *bulkhead.Bulkhead, ctx context.Context) *bulkhead.FullError { //nolint:revive // the test comes first
	t.Helper()
	token, err := b.Acquire(ctx)
	require.Error(t, err, "the call should be refused")
	require.Zero(t, token)
	full, ok := errors.AsType[*bulkhead.FullError](err)
	require.True(t, ok, "%T", err)
	return full
}

// A visitor is a call on a goroutine of its own, which may wait.
type visitor struct {
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when Acquire has returned
	token  uint64
	err    error
	after  time.Duration // how long Acquire took
}

// visit begins a call that may wait, in a synctest bubble, and returns once it waits or has been answered.
func visit(b *bulkhead.Bulkhead, ctx context.Context) *visitor { //nolint:revive // the bulkhead comes first
	ctx, cancel := context.WithCancelCause(ctx)
	v := &visitor{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(v.done)
		start := time.Now()
		v.token, v.err = b.Acquire(ctx)
		v.after = time.Since(start)
	}()
	synctest.Wait()
	return v
}

// visits begins n calls that may wait.
func visits(b *bulkhead.Bulkhead, n int) (all []*visitor) {
	for range n {
		all = append(all, visit(b, always))
	}
	return all
}

// is says what has become of a call: "waits", "goes", or why it was refused.
func (v *visitor) is() string {
	select {
	case <-v.done:
	default:
		return "waits"
	}
	if v.err == nil {
		return "goes"
	}
	if full, ok := errors.AsType[*bulkhead.FullError](v.err); ok {
		return full.Reason.String()
	}
	return v.err.Error()
}

// are says what has become of calls.
func are(all []*visitor) (is []string) {
	synctest.Wait()
	for _, v := range all {
		is = append(is, v.is())
	}
	return is
}

// holds requires that so many calls are in flight and wait.
func holds(t tester, b *bulkhead.Bulkhead, inFlight, queued int) {
	t.Helper()
	s := b.Snapshot()
	assert.Equal(t, []int{inFlight, queued}, []int{s.InFlight, s.Queued}, "in flight, and in the queue")
}

// isWhole requires of a bulkhead that nobody uses that none of its permits has been lost, and that there is none too many.
func isWhole(t tester, b *bulkhead.Bulkhead) {
	t.Helper()
	holds(t, b, 0, 0)
	tokens := fill(t, b)
	hurry, cancel := context.WithCancel(always)
	cancel() // nobody is to wait in the queue
	_ = refused(t, b, hurry)
	for _, token := range tokens {
		b.Release(token, nil)
	}
	holds(t, b, 0, 0)
}
