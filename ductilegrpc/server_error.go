package ductilegrpc

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
)

// A ServerError is what a call ends with whose handler a [Server] has not asked, or that has come to nothing. It satisfies both worlds. The
// client gets a status:
//
//	ended by                                             code
//	a limiter                                            ResourceExhausted
//	any other refusal: open, full                        Unavailable
//	a timeout, where the handler says no more than that  DeadlineExceeded
//	the client's deadline, before the handler            DeadlineExceeded
//	the client, before the handler                       Canceled
//
// and a message that says nothing of what is inside. Interceptors around the Server, such as one that logs, have the text of the reason
// by Error, and reach it by errors.Is and errors.As: breaker.ErrOpen, timeout.ErrExceeded and so on. One that wraps the error, and so makes that
// text the client's message, gives the reason away.
//
// Where the policy that refused a call knows when it is worth to come back, the status has a RetryInfo, and the call the trailer
// grpc-retry-pushback-ms, which say that. They say up to half as long again, at random: clients take a pushback for exact,
// and all that were refused would come back at the same moment, which is the worst. More than an hour is said to be one.
type ServerError struct {
	err     error
	status  *status.Status
	trailer metadata.MD // nil where there is none
}

// Error returns why the call was refused, for people on this side.
func (e *ServerError) Error() string { return e.err.Error() }

// Unwrap returns the error of the policy.
func (e *ServerError) Unwrap() error { return e.err }

// GRPCStatus returns what the client gets.
func (e *ServerError) GRPCStatus() *status.Status { return e.status }

// refusal returns what a call ends with that the pipeline has ended by err. ctx is that of the client.
func refusal(ctx context.Context, started bool, err error) *ServerError {
	const shed = "the server sheds load: try again later"
	e := &ServerError{err: err}
	switch {
	case started:
		e.status = status.New(codes.DeadlineExceeded, "the server has run out of time for this call")
		return e
	// Where the call itself is dead, what ended it may have been anything, another call's refusal for one.
	case passed(ctx):
		left := ctx.Err()
		if left == nil {
			left = context.DeadlineExceeded
		}
		e.status = status.FromContextError(left)
		return e
	case errors.Is(err, ratelimit.ErrLimited):
		e.status = status.New(codes.ResourceExhausted, shed)
	default:
		e.status = status.New(codes.Unavailable, shed)
	}
	if after, known := fault.RetryAfter(err); known {
		after = spread(after, rand.Float64())
		e.status = withRetryInfo(e.status, after)
		e.trailer = metadata.Pairs(pushbackTrailer, strconv.FormatInt(after.Milliseconds(), 10))
	}
	return e
}

// spread returns when a client is to come back: not before the given time, in whole milliseconds, and up to half as long again for a share
// below 1. So they come the more spread the more of them have been refused until then.
func spread(after time.Duration, share float64) time.Duration {
	const longest = time.Hour
	after = min(after, longest)
	after += time.Duration(share * float64(after) / 2)
	return (after + time.Millisecond - 1).Truncate(time.Millisecond)
}
