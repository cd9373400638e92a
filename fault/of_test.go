package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fault"
)

var errPlain = errors.New("plain")

func TestOf(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, row := range []struct {
		name string
		err  error
		want fault.Class
	}{
		{"no error", nil, fault.ClassSuccess},
		{"an error nobody has spoken for", errPlain, fault.ClassTransient},
		{"a wrapped one", fmt.Errorf("get: %w", errPlain), fault.ClassTransient},
		{"a join of them, some nil", errors.Join(nil, errPlain, nil, io.ErrUnexpectedEOF), fault.ClassTransient},

		{"Permanent", fault.Permanent(errPlain), fault.ClassPermanent},
		{"Transient", fault.Transient(errPlain), fault.ClassTransient},
		{"Timeout", fault.Timeout(errPlain), fault.ClassTimeout},
		{"Ignore", fault.Ignore(errPlain), fault.ClassIgnored},
		{"Overload", fault.Overload(errPlain, time.Second), fault.ClassOverload},
		{"Overload without a hint", fault.Overload(errPlain, 0), fault.ClassOverload},

		{"a wrapped mark", fmt.Errorf("get: %w", fault.Permanent(errPlain)), fault.ClassPermanent},
		{"a mark in a join", errors.Join(nil, errPlain, fault.Ignore(errPlain)), fault.ClassIgnored},
		{"a mark in one of two wrapped", fmt.Errorf("%w: %w", errPlain, fault.Permanent(errPlain)), fault.ClassPermanent},
		{"two marks: the outermost", fault.Transient(fault.Permanent(errPlain)), fault.ClassTransient},
		{"two marks, wrapped between: the outermost", fault.Ignore(fmt.Errorf("x: %w", fault.Timeout(errPlain))), fault.ClassIgnored},
		{"two marks beside each other: the first", errors.Join(fault.Timeout(errPlain), fault.Permanent(errPlain)), fault.ClassTimeout},
		{"deep in the first branch before shallow in the second", errors.Join(
			fmt.Errorf("a: %w", fmt.Errorf("b: %w", fault.Permanent(errPlain))), fault.Timeout(errPlain)), fault.ClassPermanent},
		{"a marked cancellation", fault.Transient(context.Canceled), fault.ClassTransient},
		{"a marked deadline", fault.Permanent(context.DeadlineExceeded), fault.ClassPermanent},
		{"a mark far from the cancellation beside it", errors.Join(context.Canceled, fault.Permanent(errPlain)), fault.ClassPermanent},

		{"context.Canceled", context.Canceled, fault.ClassCanceled},
		{"context.Canceled, wrapped", fmt.Errorf("get: %w", context.Canceled), fault.ClassCanceled},
		{"context.DeadlineExceeded", context.DeadlineExceeded, fault.ClassTimeout},
		{"context.DeadlineExceeded, wrapped", fmt.Errorf("get: %w", context.DeadlineExceeded), fault.ClassTimeout},
		{"both: the caller has gone", errors.Join(context.DeadlineExceeded, context.Canceled), fault.ClassCanceled},
		{"an error that only Is context.Canceled", alias{context.Canceled}, fault.ClassCanceled},
		{"an error that only Is context.DeadlineExceeded", alias{context.DeadlineExceeded}, fault.ClassTimeout},

		{"os.ErrDeadlineExceeded", os.ErrDeadlineExceeded, fault.ClassTimeout},
		{"a read that timed out", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, fault.ClassTimeout},
		{"a refused connection", refused, fault.ClassTransient},
		{"a connect that timed out", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ETIMEDOUT)}, fault.ClassTimeout},
		{"a name that was not looked up in time", &net.DNSError{Err: "timeout", IsTimeout: true}, fault.ClassTimeout},
		{"a name that is none", &net.DNSError{Err: "no such host", IsNotFound: true}, fault.ClassTransient},
		{"ETIMEDOUT", syscall.ETIMEDOUT, fault.ClassTimeout},
		{"ECONNRESET", syscall.ECONNRESET, fault.ClassTransient},
		{"EINTR is temporary, no timeout", syscall.EINTR, fault.ClassTransient},
		{"a *url.Error around a timeout", &url.Error{Op: "Get", URL: "/", Err: context.DeadlineExceeded}, fault.ClassTimeout},
		{"a *url.Error around a cancellation", &url.Error{Op: "Get", URL: "/", Err: context.Canceled}, fault.ClassCanceled},
		{"a *url.Error around a mark", &url.Error{Op: "Get", URL: "/", Err: fault.Permanent(errPlain)}, fault.ClassPermanent},
		{"a *url.Error around a refused connection", &url.Error{Op: "Get", URL: "/", Err: refused}, fault.ClassTransient},

		{"an error with a method Fault", judged{class: fault.ClassOverload}, fault.ClassOverload},
		{"a wrapped one", fmt.Errorf("get: %w", judged{class: fault.ClassRejected}), fault.ClassRejected},
		{"a mark around one", fault.Permanent(judged{class: fault.ClassOverload}), fault.ClassPermanent},
		{"one around a mark", judged{fault.ClassOverload, fault.Permanent(errPlain)}, fault.ClassOverload},

		{"backoff.Permanent", backoff.Permanent(errPlain), fault.ClassPermanent},
		{"backoff.Permanent, wrapped", fmt.Errorf("get: %w", backoff.Permanent(errPlain)), fault.ClassPermanent},
		{"backoff.Permanent around a timeout", backoff.Permanent(context.DeadlineExceeded), fault.ClassPermanent},
		{"backoff.Permanent around a mark: the outermost", backoff.Permanent(fault.Overload(errPlain, 0)), fault.ClassPermanent},
		{"a mark around backoff.Permanent: the outermost", fault.Transient(backoff.Permanent(errPlain)), fault.ClassTransient},
		{"a nil *backoff.PermanentError", (*backoff.PermanentError)(nil), fault.ClassPermanent},
		{"somebody else's PermanentError", &PermanentError{}, fault.ClassTransient},

		{"an error of a type that cannot be compared", uncomparable{[]string{"a"}}, fault.ClassTransient},
		{"a wrapped one", fmt.Errorf("get: %w", uncomparable{[]string{"a"}}), fault.ClassTransient},
		{"one that holds what cannot be compared", holding{[]string{"a"}}, fault.ClassTransient},
		{"a mark around one", fault.Permanent(uncomparable{[]string{"a"}}), fault.ClassPermanent},
		{"a typed nil that can speak", (*quiet)(nil), fault.ClassTransient},
		{"an Unwrap that returns nil", wrapping{nil}, fault.ClassTransient},

		{"a rejection", fault.ErrRejected, fault.ClassRejected},
		{"a wrapped one", fmt.Errorf("full: %w", fault.ErrRejected), fault.ClassRejected},
		{"a mark around one: the outermost", fault.Transient(fault.ErrRejected), fault.ClassTransient},
		{"a panic, as the driver sees it", fault.ErrAborted, fault.ClassAborted},
		{"a Goexit, as the driver sees it", fault.ErrExited, fault.ClassExited},
		{"a copy that lost", fault.Superseded(false), fault.ClassSuperseded},
		{"a slow copy that lost", fault.Superseded(true), fault.ClassSuperseded},
		{"the driver's mark", fault.End(errPlain, fault.ClassCanceled), fault.ClassCanceled},
		{"the driver's mark around a user's", fault.End(fault.Permanent(errPlain), fault.ClassTimeout), fault.ClassTimeout},
	} {
		t.Run(row.name, func(t *testing.T) { assert.Equal(t, row.want, fault.Of(row.err)) })
	}
}

// Trees deep enough to hurt whoever recurses, or whoever asks each error to look for itself.
func TestOfADeepTree(t *testing.T) {
	const depth = 10_000
	chain, joins := fault.Permanent(errPlain), fault.Permanent(errPlain)
	timeouts := os.ErrDeadlineExceeded
	for range depth {
		chain = wrapping{chain}
		joins = errors.Join(nil, joins, nil)
		timeouts = wrapping{timeouts}
	}
	assert.Equal(t, fault.ClassPermanent, fault.Of(chain))
	assert.Equal(t, fault.ClassPermanent, fault.Of(joins))
	assert.Equal(t, fault.ClassTimeout, fault.Of(timeouts))
}

// alias is an error that only says, by its method Is, that it is another.
type alias struct{ of error }

func (alias) Error() string          { return "alias" }
func (a alias) Is(target error) bool { return target == a.of }

// judged is an error that knows its class.
type judged struct {
	class fault.Class
	inner error
}

func (judged) Error() string        { return "judged" }
func (j judged) Unwrap() error      { return j.inner }
func (j judged) Fault() fault.Class { return j.class }

// wrapping is an error that holds another, or nil.
type wrapping struct{ inner error }

func (wrapping) Error() string   { return "wrapping" }
func (w wrapping) Unwrap() error { return w.inner }

// PermanentError is called what cenkalti/backoff calls its own.
type PermanentError struct{}

func (*PermanentError) Error() string { return "somebody else's" }

// uncomparable is an error that panics where it is compared with its like.
type uncomparable struct{ list []string }

func (uncomparable) Error() string { return "uncomparable" }

// holding is comparable by its type, and panics all the same where it is compared with its like.
type holding struct{ value any }

func (holding) Error() string { return "holding" }

// quiet is an error whose nil pointer can speak.
type quiet struct{}

func (*quiet) Error() string { return "quiet" }
