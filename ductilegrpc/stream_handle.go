package ductilegrpc

import (
	"context"
	"errors"
	"io"
	"runtime"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// A handle is what the caller has of a stream. Nothing else refers to it, so that the garbage collector can tell that the caller
// has dropped it; each method keeps it until it returns.
type handle struct{ *stream }

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
		case header == nil:
			return nil, nil // it has failed, and receiving tells why
		case s.deliver(t):
			return header, nil
		}
	}
}

// headerAfter returns the header of a call that is over.
func (s *stream) headerAfter() (metadata.MD, error) {
	switch {
	case s.instead != nil:
		return s.instead.Header()
	case s.last == nil || s.err != nil:
		return nil, s.err
	default:
		return s.last.Header()
	}
}

// Trailer implements grpc.ClientStream.
func (h *handle) Trailer() metadata.MD {
	defer runtime.KeepAlive(h)
	s := h.stream
	s.mu.Lock()
	last, instead := s.last, s.instead
	s.mu.Unlock()
	switch {
	case instead != nil:
		return instead.Trailer()
	case last != nil && ended(last):
		return last.Trailer()
	default:
		return nil
	}
}

// Context implements grpc.ClientStream. Like gRPC's own, a stream makes no further attempt once it was asked for its context.
func (h *handle) Context() context.Context {
	defer runtime.KeepAlive(h)
	s := h.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.instead != nil:
		return s.instead.Context()
	case s.last == nil:
		return s.caller
	}
	if !s.over && !s.delivered {
		s.delivered = true
		s.sent()
	}
	return s.last.Context()
}

// SendMsg implements grpc.ClientStream.
func (h *handle) SendMsg(m any) error {
	defer runtime.KeepAlive(h)
	s := h.stream
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.replays {
		s.request, s.wrote = m, true
	}
	t, instead := s.now()
	switch {
	case instead != nil:
		return instead.SendMsg(m)
	case t == nil && s.desc.ClientStreams:
		return io.EOF // receiving tells why
	case t == nil:
		return nil // as gRPC has it for a single message; where there is another attempt, that sends it
	}
	err := t.SendMsg(m)
	if err != nil && !errors.Is(err, io.EOF) {
		s.learned(t, err)
	}
	return err
}

// CloseSend implements grpc.ClientStream.
func (h *handle) CloseSend() error {
	defer runtime.KeepAlive(h)
	s := h.stream
	s.sending.Lock()
	defer s.sending.Unlock()
	s.closed = s.replays
	switch t, instead := s.now(); {
	case instead != nil:
		return instead.CloseSend()
	case t != nil:
		return t.CloseSend()
	default:
		return nil
	}
}

// RecvMsg implements grpc.ClientStream.
func (h *handle) RecvMsg(m any) error {
	defer runtime.KeepAlive(h)
	s := h.stream
	for {
		t := s.wait()
		if t == nil {
			return s.after(m)
		}
		err := t.RecvMsg(m)
		switch {
		case err == nil && s.desc.ServerStreams:
			if s.deliver(t) {
				return nil
			}
		case err == nil: // the only one there is
			if s.learned(t, nil) {
				s.wait()
				return s.err
			}
		case errors.Is(err, io.EOF):
			s.learned(t, nil)
		default:
			s.learned(t, err)
		}
	}
}

// after returns what receiving from a stream that is over does.
func (s *stream) after(m any) error {
	switch {
	case s.instead != nil:
		return s.instead.RecvMsg(m)
	case s.err != nil:
		return s.err
	default:
		return io.EOF
	}
}

// now returns the attempt in use, and what a fallback answered. Both may be nil.
func (s *stream) now() (*try, grpc.ClientStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current, s.instead
}

// wait returns the attempt in use, and waits for one between attempts. It returns nil once the call is over, and raises what ended the
// goroutine of the pipeline.
func (s *stream) wait() *try {
	for {
		s.mu.Lock()
		t, over, changed := s.current, s.over, s.changed
		s.mu.Unlock()
		switch {
		case over && s.panicked != nil:
			panic(s.panicked)
		case over && s.exited:
			runtime.Goexit()
		case over:
			return nil
		case t != nil && !ended(t):
			return t
		}
		<-changed
	}
}

// deliver reports whether what the caller has received of an attempt counts: not where the attempt was given up before, and another begins anew.
// There is no other from then on.
func (s *stream) deliver(t *try) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.delivered {
		return true
	}
	if s.current != t {
		return false
	}
	s.delivered = true
	s.sent()
	return true
}

// learned tells the pipeline how an attempt has ended, unless that has given it up meanwhile.
func (s *stream) learned(t *try, end error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != t || ended(t) {
		return false
	}
	t.end = end
	close(t.ended)
	return true
}
