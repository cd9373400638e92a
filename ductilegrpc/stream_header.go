package ductilegrpc

import (
	"errors"
	"io"
	"runtime"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Header implements grpc.ClientStream. Like a message, a header is from the last attempt.
func (h *handle) Header() (metadata.MD, error) {
	defer runtime.KeepAlive(h)
	s := h.stream
	for {
		t := s.wait()
		if t == nil {
			return s.headerAfter()
		}
		header, err := t.Header()
		switch {
		case err != nil:
			s.learned(t, err)
		case header == nil && !s.failed(t):
			return nil, nil // receiving tells more
		case header == nil:
		case s.deliver(t):
			return header, nil
		}
	}
}

// failed reports whether an attempt without a header has failed where there may be another, and tells the pipeline. Only receiving tells how, and
// that must not take a message away: gRPC ends the context of a stream that has failed, which has no message then.
func (s *stream) failed(t *try) bool {
	if !s.replays || s.steady.Load() == t || t.Context().Err() == nil {
		return false
	}
	s.receiving.Lock() // until it is told, so that the end behind a message is not found before
	defer s.receiving.Unlock()
	err := t.RecvMsg(new(emptypb.Empty))
	switch {
	case errors.Is(err, io.EOF): // which the caller's own receiving has to find
		return false
	case err == nil: // a message, of an interceptor's stream, and it is lost
		err = status.FromContextError(t.Context().Err()).Err()
	}
	s.learned(t, err)
	return true
}

// headerAfter returns the header of a call that is over.
func (s *stream) headerAfter() (metadata.MD, error) {
	switch {
	case s.instead != nil:
		return s.instead.Header()
	case s.last != nil && (s.err == nil || s.delivered != nil):
		return s.last.Header()
	default:
		return nil, s.err
	}
}
