package ductilegrpc

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/fault"
)

// judge returns the end of a handler, whose context is ctx, as policies have to take it. What has no status has that which gRPC makes of it.
func (s *Server) judge(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	end, ok := status.FromError(err)
	if !ok {
		end = status.FromContextError(err)
		if late := ctx.Err(); end.Code() == codes.Canceled && late != nil {
			end = status.FromContextError(late) // a deadline, for one, by which a context of the handler's own was canceled
		}
	}
	class := s.classify(end)
	if class == fault.ClassSuccess {
		return nil
	}
	return &failed{err: err, status: end, class: class}
}

// ServerClass returns what the status that a handler has ended with means to the policies around it, unless told otherwise by
// [ClassifyServer]:
//
//	code                                            class
//	Unknown, Internal, DataLoss, Unavailable,
//	any number that gRPC does not know              transient
//	DeadlineExceeded                                timeout
//	Canceled                                        ignored
//	OK, InvalidArgument, NotFound, AlreadyExists,
//	PermissionDenied, Unauthenticated, OutOfRange,
//	FailedPrecondition, Aborted, Unimplemented,
//	ResourceExhausted                               success
//
// An answer is a success, also where it is no: the handler works. ResourceExhausted is the caller's own doing, a quota of his; who uses it
// for a full disk classifies it. Canceled says nothing of the handler; where the client has gone, policies hear that, whatever the status. An
// error without a status is Unknown, and that of a context DeadlineExceeded or Canceled, as gRPC has it.
func ServerClass(s *status.Status) fault.Class {
	switch s.Code() {
	case codes.OK, codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied, codes.Unauthenticated, codes.OutOfRange,
		codes.FailedPrecondition, codes.Aborted, codes.Unimplemented, codes.ResourceExhausted:
		return fault.ClassSuccess
	case codes.Canceled:
		return fault.ClassIgnored
	case codes.DeadlineExceeded:
		return fault.ClassTimeout
	case codes.Unknown, codes.Internal, codes.DataLoss, codes.Unavailable:
		return fault.ClassTransient
	default:
		return fault.ClassTransient
	}
}
