package ductilegrpc

import (
	"context"
	"errors"
	"io"
	"runtime"

	"google.golang.org/grpc/metadata"
)

// A handle is what the caller has of a stream. Nothing else refers to it, so that the garbage collector can tell that the caller
// has dropped it; each method keeps it until it returns.
type handle struct{ *stream }

// RecvMsg implements grpc.ClientStream.
func (h *handle) RecvMsg(m any) error {
	defer runtime.KeepAlive(h)
	s := h.stream
	for t := s.steady.Load(); ; t = nil {
		if t == nil {
			if t = s.wait(); t == nil {
				return s.after(m)
			}
		}
		err := s.receive(t, m)
		switch {
		case err == nil && s.desc.ServerStreams:
			if s.deliver(t) {
				return nil
			}
		case err == nil: // the only message there is
			if s.learned(t, nil) && s.wait() == nil && s.instead == nil {
				return s.err
			}
		case errors.Is(err, io.EOF):
			s.learned(t, nil)
		default:
			s.learned(t, err)
		}
	}
}

// receive receives from an attempt. Header does so, too, but not at the same time.
func (s *stream) receive(t *try, m any) error {
	if s.replays && s.steady.Load() != t {
		s.receiving.Lock()
		defer s.receiving.Unlock()
	}
	return t.RecvMsg(m)
}

// after is receiving from a stream that is over.
func (s *stream) after(m any) error {
	switch {
	case s.instead != nil:
		err := s.instead.RecvMsg(m)
		if err != nil || !s.desc.ServerStreams {
			s.cancel()
		}
		return err
	case s.err != nil:
		return s.err
	default:
		return io.EOF
	}
}

// SendMsg implements grpc.ClientStream.
func (h *handle) SendMsg(m any) error {
	defer runtime.KeepAlive(h)
	s := h.stream
	t, err := s.send(m)
	switch {
	case err == nil, t == nil:
		return err
	case errors.Is(err, io.EOF): // receiving tells why
		return s.unsent()
	}
	s.learned(t, err) // the message is at fault, and the stream has ended
	switch {
	case s.wait() != nil, s.instead != nil && !s.desc.ClientStreams: // and was sent again
		return nil
	case s.instead != nil:
		return s.instead.SendMsg(m)
	case s.err != nil:
		return s.err
	default:
		return err
	}
}

// send sends m to the attempt in use, which it returns, and keeps it for those to come.
func (s *stream) send(m any) (*try, error) {
	if !s.desc.ClientStreams {
		s.sending.Lock()
		defer s.sending.Unlock()
		if s.steady.Load() == nil {
			s.request, s.wrote = m, true
		}
	}
	switch t, instead := s.now(); {
	case instead != nil:
		return nil, instead.SendMsg(m)
	case t == nil:
		return nil, s.unsent() // where there is another attempt, that sends it
	default:
		return t, t.SendMsg(m)
	}
}

// unsent is what sending to a stream that has ended returns. Stubs that send a single message receive only where it was sent.
func (s *stream) unsent() error {
	if s.desc.ClientStreams {
		return io.EOF
	}
	return nil
}

// CloseSend implements grpc.ClientStream.
func (h *handle) CloseSend() error {
	defer runtime.KeepAlive(h)
	s := h.stream
	s.sending.Lock()
	defer s.sending.Unlock()
	s.closed = true
	switch t, instead := s.now(); {
	case instead != nil:
		return instead.CloseSend()
	case t != nil:
		return t.CloseSend()
	default:
		return nil
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
	case last.hasEnded():
		return last.Trailer()
	default:
		return nil
	}
}

// Context implements grpc.ClientStream. Like gRPC's own, a stream makes no further attempt once it was asked for the context of one; between two
// attempts it has that of the call.
func (h *handle) Context() context.Context {
	defer runtime.KeepAlive(h)
	s := h.stream
	s.mu.Lock()
	t, over, instead := s.current, s.over, s.instead
	if over || s.delivered != nil {
		t = s.last
	}
	s.mu.Unlock()
	switch {
	case instead != nil:
		return instead.Context()
	case over, t != nil && s.deliver(t):
		return t.Context()
	default:
		return s.ctx
	}
}
