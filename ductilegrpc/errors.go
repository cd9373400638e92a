package ductilegrpc

import (
	"context"
	"errors"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// An Error is what a call returns that a policy has ended: refused, timed out, given up. It satisfies both worlds: status.FromError
// gives its code, with the text of the error and the details of the last attempt's status; errors.Is and errors.As reach the policy's error and
// the last attempt's.
//
//	ended by                                       code
//	a refusal: open, full, limited                 Unavailable; with a RetryInfo where the policy knows when to come back
//	a timeout, the caller's deadline               DeadlineExceeded
//	the caller                                     Canceled
//	a retry that gave up                           that of the last attempt
//	a fallback of another type                     Internal
//	anything else                                  that of the status which the error wraps, or Unknown
type Error struct {
	err  error
	left error // why the caller's context has ended, nil while it had not
}

// Error implements error.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the error of the policy.
func (e *Error) Unwrap() error { return e.err }

// GRPCStatus returns the error as gRPC has it.
func (e *Error) GRPCStatus() *status.Status {
	inner, ok := innermost(e.err)
	code := e.code(inner, ok)
	s := status.New(code, e.err.Error())
	if ok && inner.Code() == code {
		p := inner.Proto()
		p.Message = e.err.Error()
		s = status.FromProto(p)
	}
	if after, hinted := fault.RetryAfter(e.err); hinted && fault.Of(e.err) == fault.ClassRejected {
		s = withRetryInfo(s, after)
	}
	return s
}

func (e *Error) code(inner *status.Status, ok bool) codes.Code {
	class := fault.Of(e.err)
	if e.classified(class) {
		return inner.Code()
	}
	switch class {
	case fault.ClassRejected:
		return codes.Unavailable
	case fault.ClassTimeout:
		return codes.DeadlineExceeded
	case fault.ClassCanceled:
		if errors.Is(e.left, context.DeadlineExceeded) {
			return codes.DeadlineExceeded
		}
		return codes.Canceled
	default:
	}
	mismatch := new(ductile.MismatchError)
	switch {
	case e.left != nil && errors.Is(e.err, e.left): // it may have ended a moment after something else had ended the call
		return status.FromContextError(e.left).Code()
	case ok && inner.Code() != codes.OK:
		return inner.Code()
	case errors.As(e.err, &mismatch):
		return codes.Internal
	default:
		return codes.Unknown
	}
}

// classified reports whether the class of the error is what [Classify] has made of a status, and not that of a policy's own error.
func (e *Error) classified(class fault.Class) bool {
	f, ok := errors.AsType[*failed](e.err)
	return ok && f.class == class && e.left == nil && !errors.Is(e.err, timeout.ErrExceeded) && (class != fault.ClassRejected || !errors.Is(e.err, fault.ErrRejected))
}

// innermost returns the status that an error wraps.
func innermost(err error) (*status.Status, bool) {
	with, ok := errors.AsType[interface {
		error
		GRPCStatus() *status.Status
	}](err)
	if !ok {
		return nil, false
	}
	s := with.GRPCStatus()
	return s, s != nil
}

// withRetryInfo returns s with word of when to come back.
func withRetryInfo(s *status.Status, after time.Duration) *status.Status {
	with, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(after)})
	if err != nil {
		return s
	}
	return with
}

// outcome returns what the caller of an interceptor gets for the error of a pipeline. left is why the caller's context has ended, nil while
// it has not.
func outcome(left, err error) error {
	switch e := err.(type) { //nolint:errorlint // what it wraps is another matter
	case nil:
		return nil
	case *failed:
		return e.err // of a single attempt, as it came
	case interface{ GRPCStatus() *status.Status }:
		if e.GRPCStatus().Code() != codes.OK {
			return err
		}
	}
	return &Error{err: err, left: left}
}
