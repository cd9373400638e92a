package gobreakeradapter_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/fault"
)

// How the tests of this package make calls, and every end that a call can come to.

var (
	errDown  = errors.New("down")
	errOther = errors.New("no such thing")
	always   = context.Background()
)

// in tells a story in virtual time.
func in(t *testing.T, name string, story func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, story) })
}

// An end is one that a call can come to, as the functions of a breaker's Settings hear of it.
type end struct {
	name   string
	ctx    func() (context.Context, context.CancelFunc) // of the caller; nil for one that goes on
	call   func(ctx context.Context, leave context.CancelFunc) error
	class  fault.Class
	is     error // what the error that they hear is, or wraps
	marked bool  // they do not hear the error itself
	counts gobreaker.Counts
}

var (
	succeeded = gobreaker.Counts{Requests: 1, TotalSuccesses: 1, ConsecutiveSuccesses: 1}
	failed    = gobreaker.Counts{Requests: 1, TotalFailures: 1, ConsecutiveFailures: 1}
	excluded  = gobreaker.Counts{Requests: 1, TotalExclusions: 1}
)

func returning(err error) func(context.Context, context.CancelFunc) error {
	return func(context.Context, context.CancelFunc) error { return err }
}

// leaving is a call whose caller leaves meanwhile.
func leaving(err error) func(context.Context, context.CancelFunc) error {
	return func(_ context.Context, leave context.CancelFunc) error {
		leave()
		return err
	}
}

// outlasting is a call that returns when its caller's time is up.
func outlasting(err error) func(context.Context, context.CancelFunc) error {
	return func(ctx context.Context, _ context.CancelFunc) error {
		<-ctx.Done()
		return err
	}
}

func aSecond() (context.Context, context.CancelFunc) {
	return context.WithTimeout(always, time.Second)
}

// returns are the ends of calls that return, which a gate and a middleware hear alike.
var returns = []end{
	{name: "success", call: returning(nil), counts: succeeded},
	{name: "failure", call: returning(errDown), class: fault.ClassTransient, is: errDown, counts: failed},
	{name: "an error that cannot be compared", call: returning(several{errDown}), class: fault.ClassTransient, is: errDown, counts: failed},
	{name: "an answer", call: returning(fault.Permanent(errOther)), class: fault.ClassPermanent, is: errOther, counts: succeeded},
	{name: "ignored", call: returning(fault.Ignore(errOther)), class: fault.ClassIgnored, is: errOther, counts: excluded},
	{name: "overload", call: returning(fault.Overload(errDown, 0)), class: fault.ClassOverload, is: errDown, counts: failed},
	{name: "refused inside", call: returning(fault.ErrRejected), class: fault.ClassRejected, is: fault.ErrRejected, counts: excluded},
	{
		name: "its caller has left, and it says so", call: leaving(context.Canceled),
		class: fault.ClassCanceled, is: context.Canceled, counts: excluded,
	},
	{
		name: "its caller has left, and it says something else", call: leaving(errDown),
		class: fault.ClassCanceled, is: errDown, marked: true, counts: excluded,
	},
	{
		name: "canceled, but not by its caller", call: returning(context.Canceled),
		class: fault.ClassTransient, is: context.Canceled, marked: true, counts: failed,
	},
	{
		name: "its caller's time is up, and it says so", ctx: aSecond, call: outlasting(context.DeadlineExceeded),
		class: fault.ClassTimeout, is: context.DeadlineExceeded, counts: failed,
	},
	{
		name: "its caller's time is up, and it says something else", ctx: aSecond, call: outlasting(errDown),
		class: fault.ClassTimeout, is: errDown, marked: true, counts: failed,
	},
	{name: "an answer, though the time is up", ctx: aSecond, call: outlasting(nil), counts: succeeded},
}

// hearing returns Settings that listen to what its functions hear, which must be the same for both.
func hearing(t *testing.T) (settings gobreaker.Settings, heard func() error) {
	t.Helper()
	var excluding, judging []error
	settings = gobreaker.Settings{
		IsExcluded: func(err error) bool {
			excluding = append(excluding, err)
			return gobreakeradapter.Excluded(err)
		},
		IsSuccessful: func(err error) bool {
			judging = append(judging, err)
			return gobreakeradapter.Successful(err)
		},
	}
	return settings, func() error {
		t.Helper()
		require.Len(t, excluding, 1, "calls of IsExcluded")
		for _, err := range judging {
			assert.True(t, same(err, excluding[0]), "both hear the same")
		}
		return excluding[0]
	}
}

// check looks whether it was heard as this end.
func (e end) check(t *testing.T, heard error) {
	t.Helper()
	assert.Equal(t, e.class, fault.Of(heard))
	assert.ErrorIs(t, heard, e.is)
	assert.Equal(t, e.marked, !same(fault.Original(heard), heard), "marked")
}

// same reports whether two errors are one, and not just equal. What cannot be compared is one if it begins at the same place.
func same(a, b error) bool {
	as, ok := a.(several) //nolint:errorlint // it is the error itself that is asked for
	if !ok {
		return a == b //nolint:errorlint // that is the question
	}
	bs, ok := b.(several) //nolint:errorlint // as above
	return ok && &as[0] == &bs[0]
}

// several are errors, as of a form's fields. They cannot be compared.
type several []error

func (several) Error() string     { return "several" }
func (s several) Unwrap() []error { return s }

// reach makes the call.
func (e end) reach(by func(ctx context.Context, fn func(context.Context) error) error) error {
	begin := e.ctx
	if begin == nil {
		begin = func() (context.Context, context.CancelFunc) { return context.WithCancel(always) }
	}
	ctx, leave := begin()
	defer leave()
	return by(ctx, func(ctx context.Context) error { return e.call(ctx, leave) })
}

// exiting runs f on a goroutine that it may end.
func exiting(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

// atOnce is the ReadyToTrip of a breaker that opens at one failure.
func atOnce(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 1 }
