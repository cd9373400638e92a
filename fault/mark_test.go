package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
)

func overload(err error) error { return fault.Overload(err, time.Second) }

var marks = map[string]func(error) error{
	"Permanent": fault.Permanent, "Transient": fault.Transient, "Timeout": fault.Timeout, "Ignore": fault.Ignore, "Overload": overload,
	"Final": fault.Final,
}

// What a function marks and returns without looking, as in "return s, fault.Permanent(err)", must stay nil where it was nil.
func TestAMarkOnNoErrorIsNoError(t *testing.T) {
	for name, mark := range marks {
		assert.NoError(t, mark(nil), name)
	}
	assert.NoError(t, fault.Overload(nil, 0))
}

// Whoever looks for the error finds it, and whoever prints it sees no mark.
func TestAMarkHidesNothing(t *testing.T) {
	missing := &os.PathError{Op: "open", Path: "stock", Err: os.ErrNotExist}
	for name, mark := range marks {
		t.Run(name, func(t *testing.T) {
			marked := fmt.Errorf("get: %w", mark(missing))
			assert.EqualError(t, marked, "get: "+missing.Error())
			require.ErrorIs(t, marked, os.ErrNotExist)
			var found *os.PathError
			require.ErrorAs(t, marked, &found)
			assert.Same(t, missing, found)
			assert.Same(t, missing, errors.Unwrap(mark(missing)))
		})
	}
}

// net/url asks the error it holds for Timeout() directly, and half the world asks a *url.Error: a mark must not take the answer away,
// and fault.Timeout must give it.
func TestAMarkAnswersForATimeout(t *testing.T) {
	for _, row := range []struct {
		name string
		err  error
		want bool
	}{
		{"Timeout, of anything", fault.Timeout(errPlain), true},
		{"Transient, of a deadline", fault.Transient(context.DeadlineExceeded), true},
		{"Permanent, of a wrapped i/o timeout", fault.Permanent(fmt.Errorf("read: %w", os.ErrDeadlineExceeded)), true},
		{"Overload, of a *net.OpError that timed out", overload(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}), true},
		{"a mark of a mark", fault.Ignore(fault.Timeout(errPlain)), true},
		{"Final, of a timeout", fault.Final(fault.Timeout(errPlain)), true},
		{"Final, of a wrapped i/o timeout", fault.Final(fmt.Errorf("read: %w", os.ErrDeadlineExceeded)), true},
		{"Final, of no timeout", fault.Final(errPlain), false},
		{"Final, of one that says no around one that says yes", fault.Final(&url.Error{Err: errors.Join(context.DeadlineExceeded)}), false},
		{"Transient, of no timeout", fault.Transient(errPlain), false},
		{"Permanent, of a cancellation", fault.Permanent(context.Canceled), false},
		{"Overload, of a *net.OpError that did not", overload(&net.OpError{Op: "dial", Err: errPlain}), false},
		{"the driver's mark, of a timeout", fault.End(errPlain, fault.ClassTimeout), true},
		{"the driver's mark, over a timeout", fault.End(context.DeadlineExceeded, fault.ClassCanceled), true},
		{"the driver's mark, of a cancellation", fault.End(errPlain, fault.ClassCanceled), false},
		{"a panic", fault.ErrAborted, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, (&url.Error{Op: "Get", URL: "/", Err: row.err}).Timeout())
		})
	}
}

// A mark asks the error that it holds, which may be a mark that asks in turn: a thousand of them must not ask each other over and over.
func TestAskingManyMarksForATimeoutIsQuick(t *testing.T) {
	err := errPlain
	for range 1000 {
		err = fault.Transient(&url.Error{Op: "Get", URL: "/", Err: errors.Join(fault.Ignore(err), errPlain)})
		err = fault.Permanent(&url.Error{Op: "Get", URL: "/", Err: err})
		err = fault.Final(&url.Error{Op: "Get", URL: "/", Err: err})
	}
	assert.False(t, (&url.Error{Op: "Get", URL: "/", Err: err}).Timeout())
	assert.Equal(t, fault.ClassPermanent, fault.Of(err))
}
