package ductilegrpc

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/fault"
)

// failed is the error of an attempt with what policies have to make of it. It is taken off again where it is the whole outcome of a call.
type failed struct {
	err    error
	status *status.Status
	class  fault.Class
	final  bool // not to be repeated, whatever its class

	wait   time.Duration // the server's pushback; below zero, it is not to be called again
	pushed bool
	after  time.Duration // the server's RetryInfo
	hinted bool
}

func (f *failed) Error() string              { return f.err.Error() }
func (f *failed) Unwrap() error              { return f.err }
func (f *failed) GRPCStatus() *status.Status { return f.status }

// Fault returns the class of the status: see the table in the documentation of the package.
func (f *failed) Fault() fault.Class { return f.class }

// Final reports whether another attempt would not mend it.
func (f *failed) Final() bool { return f.final }

// Pushback returns what the server says of another attempt, in the trailer grpc-retry-pushback-ms.
func (f *failed) Pushback() (time.Duration, bool) { return f.wait, f.pushed }

// RetryAfter returns what the server's RetryInfo asks for.
func (f *failed) RetryAfter() (time.Duration, bool) { return f.after, f.hinted }

// Timeout reports whether the status is DeadlineExceeded.
func (f *failed) Timeout() bool { return f.class == fault.ClassTimeout }

// judge returns the failure of an attempt as policies have to take it.
func (c *Client) judge(ctx context.Context, err error, trailer metadata.MD) error {
	s, ok := status.FromError(err)
	if !ok || s.Code() == codes.OK || classed(err) {
		return err // of an interceptor inside, as another client is, and what package fault says of it
	}
	f := &failed{err: err, status: s}
	class, repeat := c.classify(s)
	f.class = class
	if !class.Failure() {
		return f
	}
	f.wait, f.pushed = pushback(trailer)
	f.after, f.hinted = retryInfo(s)
	switch {
	case repeat:
	case class == fault.ClassOverload:
		f.final = !f.hinted && !f.pushed // the server says when
	case class == fault.ClassTimeout:
		f.final = !passed(ctx)
	default:
		f.final = true
	}
	return f
}

// classed reports whether an error says itself what it is.
func classed(err error) bool {
	_, is := errors.AsType[interface {
		error
		Fault() fault.Class
	}](err)
	return is
}

// passed reports whether an attempt's own time is over: then it was a timeout of ours, which may be repeated, and not the server's. The
// server knows the deadline, too, and its answer may be here a moment before the context has ended.
func passed(ctx context.Context) bool {
	if ctx.Err() != nil {
		return true
	}
	at, ok := ctx.Deadline()
	return ok && !time.Now().Before(at)
}

// Class returns what the status of a failed call means, and whether it is worth to repeat it, unless told otherwise by [Classify]: see the table
// in the documentation of the package.
func Class(s *status.Status) (class fault.Class, repeat bool) {
	switch s.Code() {
	case codes.OK:
		return fault.ClassSuccess, false
	case codes.Unavailable:
		return fault.ClassTransient, true
	case codes.ResourceExhausted:
		if tooLarge(s) {
			return fault.ClassPermanent, false
		}
		return fault.ClassOverload, false
	case codes.DeadlineExceeded:
		return fault.ClassTimeout, false
	case codes.Canceled:
		return fault.ClassIgnored, false
	case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied, codes.FailedPrecondition, codes.Aborted,
		codes.OutOfRange, codes.Unimplemented, codes.Unauthenticated:
		return fault.ClassPermanent, false
	case codes.Unknown, codes.Internal, codes.DataLoss:
		return fault.ClassTransient, false
	default:
		return fault.ClassTransient, false // a code that gRPC does not know
	}
}

// tooLarge reports whether gRPC refused a message for its size: no fault of the server, and the same the next time. There is no type for it.
func tooLarge(s *status.Status) bool {
	text := s.Message()
	return strings.HasPrefix(text, "trying to send message larger than max") || strings.HasPrefix(text, "grpc: received message larger than max") ||
		strings.HasPrefix(text, "grpc: received message after decompression larger than max") ||
		strings.HasPrefix(text, "grpc: message after decompression larger than max") || // of an encoding that gRPC does not limit itself
		strings.HasPrefix(text, "grpc: trying to send message larger than max") // a reply
}

// pushbackTrailer is how a server says when a call may be repeated, in milliseconds (gRFC A6).
const pushbackTrailer = "grpc-retry-pushback-ms"

// pushback returns what a server says of another attempt. Below zero it wants none, as where it says what cannot be read, or several
// things.
func pushback(trailer metadata.MD) (wait time.Duration, told bool) {
	values := trailer[pushbackTrailer]
	if len(values) == 0 {
		return 0, false
	}
	const longest = int64(1<<63-1) / int64(time.Millisecond)
	if ms, err := strconv.ParseInt(values[0], 10, 64); err == nil && len(values) == 1 && ms >= 0 {
		return time.Duration(min(ms, longest)) * time.Millisecond, true
	}
	return -1, true
}

// details is how many details of a status are looked at.
const details = 16

// retryInfo returns how long the details of a status ask to wait.
func retryInfo(s *status.Status) (time.Duration, bool) {
	for i, detail := range s.Proto().GetDetails() {
		if i == details {
			break
		}
		info := new(errdetails.RetryInfo)
		if !detail.MessageIs(info) || detail.UnmarshalTo(info) != nil || info.GetRetryDelay().CheckValid() != nil {
			continue
		}
		return max(info.GetRetryDelay().AsDuration(), 0), true
	}
	return 0, false
}
