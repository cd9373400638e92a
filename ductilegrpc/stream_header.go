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
		header, err := s.headerOf(t)
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

// headerOf waits for the header of an attempt. Of two who do so the second waits for the first: gRPC tells both that there is none, and the
// one before it has ended the stream's context.
func (s *stream) headerOf(t *try) (metadata.MD, error) {
	if s.replays && s.steady.Load() != t {
		s.asking.Lock()
		defer s.asking.Unlock()
	}
	return t.Header()
}

// failed reports whether an attempt without a header has failed where there may be another, and tells the pipeline. Only receiving tells how, and
// that must not take a message away: gRPC ends the context of a stream that has failed, which has no message then.
func (s *stream) failed(t *try) bool {
	if !s.replays || s.steady.Load() == t {
		return false
	}
	s.receiving.Lock() // until it is told, so that the end behind a message is not found before; who receives may be about to end the context
	defer s.receiving.Unlock()
	if t.Context().Err() == nil {
		return false
	}
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
