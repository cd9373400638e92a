package fault_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fault"
)

// A *url.Error has a method Timeout that asks the error it holds directly and no deeper, so that of a wrapped i/o timeout it says
// false. Of once asked only the outermost error that had the method and believed it: a connection that timed out below a
// *url.Error was transient. So was one beside a refused connection in a joined error.
func TestBugATimeoutHidBehindAnErrorThatSaysNo(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	slow := fmt.Errorf("reading the answer: %w", os.ErrDeadlineExceeded)
	behind := &url.Error{Op: "Get", URL: "http://inventory", Err: slow}
	assert.False(t, behind.Timeout(), "it is net/url that says so; if that changes, this test is about nothing")

	for name, err := range map[string]error{
		"below a *url.Error":          behind,
		"beside a refused connection": errors.Join(refused, os.ErrDeadlineExceeded),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, fault.ClassTimeout, fault.Of(err))
		})
	}
}

// An error whose RetryAfter says "I do not know", and leaves a number beside it, was passed over, as it should be, but the number was
// returned.
func TestBugANumberWithoutAHint(t *testing.T) {
	after, hinted := fault.RetryAfter(fmt.Errorf("get: %w", unsure{}))
	assert.False(t, hinted)
	assert.Zero(t, after)
}

type unsure struct{}

func (unsure) Error() string                     { return "unsure" }
func (unsure) RetryAfter() (time.Duration, bool) { return time.Minute, false }
