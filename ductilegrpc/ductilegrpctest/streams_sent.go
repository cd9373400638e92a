package ductilegrpctest

import (
	"errors"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/interop/grpc_testing"
)

// Stories of streams from the client, and both ways.

// part is a message of a stream from the client.
func part(text string) *grpc_testing.StreamingInputCallRequest {
	return &grpc_testing.StreamingInputCallRequest{Payload: &grpc_testing.Payload{Body: []byte(text)}}
}

// word is a message of a stream both ways.
func word(text string) *grpc_testing.StreamingOutputCallRequest {
	return &grpc_testing.StreamingOutputCallRequest{Payload: &grpc_testing.Payload{Body: []byte(text)}}
}

// input sends messages, and returns what the server says.
func (l *line) input(texts ...string) (size int32, err error) {
	l.x.await(l.x.spawn(func() {
		var to grpc.ClientStreamingClient[grpc_testing.StreamingInputCallRequest, grpc_testing.StreamingInputCallResponse]
		if to, err = l.TestServiceClient.StreamingInputCall(l.x.ctx); err != nil {
			return
		}
		for _, text := range texts {
			if to.Send(part(text)) != nil {
				break // receiving tells why
			}
		}
		var reply *grpc_testing.StreamingInputCallResponse
		reply, err = to.CloseAndRecv()
		size = reply.GetAggregatedPayloadSize()
	}), "CloseAndRecv has not returned")
	l.x.statused(err)
	return size, err
}

func streamsInput(x *visit) {
	l := x.serve(service{input: func(_ int64, from inputs) error {
		size := int32(0)
		for {
			m, err := from.Recv()
			if err != nil {
				break
			}
			size += int32(len(m.GetPayload().GetBody()))
		}
		return from.SendAndClose(&grpc_testing.StreamingInputCallResponse{AggregatedPayloadSize: size})
	}}).dial()
	x.did("sent three messages to StreamingInputCall, of a server that answers how long they are together")
	if size, err := l.input("a", "bb", "ccc"); err != nil || size != 6 {
		x.find("the reply is %d, and the error: %v", size, err)
	}
}

func repeatsNoInput(x *visit) {
	s := x.serve(service{input: func(_ int64, from inputs) error {
		_, _ = from.Recv()
		return busy()
	}})
	x.did("sent a message to StreamingInputCall, of a server that has read it when it is Unavailable")
	l := s.dial()
	_, err := l.input("a")
	x.arrives(s)
	x.ends(err, codes.Unavailable)
	l.once(s)
}

// A talk is a stream both ways.
type talk = grpc.BidiStreamingClient[grpc_testing.StreamingOutputCallRequest, grpc_testing.StreamingOutputCallResponse]

// talks begins a stream both ways.
func (l *line) talks() (t talk, err error) {
	l.x.await(l.x.spawn(func() { t, err = l.TestServiceClient.FullDuplexCall(l.x.ctx) }), "the stream has not been created")
	return t, err
}

// arrives ends the story where no such streams are made at all, which another story tells.
func (x *visit) arrives(s *site) {
	if s.heard.Load() == 0 {
		x.moot("such streams do not arrive")
	}
}

// echoes is a server that sends back what it receives, and "done" in the end.
func echoes(_ int64, with duplex) error {
	for {
		m, err := with.Recv()
		if errors.Is(err, io.EOF) {
			says(with, "done")
			return nil
		}
		if err != nil {
			return err
		}
		says(with, string(m.GetPayload().GetBody()))
	}
}

// hears receives a message, and finds that it is another.
func (x *visit) hears(t talk, want string) {
	var text string
	var err error
	x.await(x.spawn(func() {
		var m *grpc_testing.StreamingOutputCallResponse
		m, err = t.Recv()
		text = string(m.GetPayload().GetBody())
	}), "Recv has not returned")
	if err != nil || text != want {
		x.find("in place of %.9q, %.9q was received, and the error: %v", want, text, err)
	}
}

func streamsDuplex(x *visit) {
	x.did("sent messages to FullDuplexCall, one after the answer to the other, closed the sending side, and received on")
	t, err := x.serve(service{duplex: echoes}).dial().talks()
	if err != nil {
		x.find("the stream was not created: %v", err)
	}
	for i := range int64(10) {
		if err := t.Send(word(numeral(i))); err != nil {
			x.find("Send returned the error %q", err)
		}
		x.hears(t, numeral(i))
	}
	if err := t.CloseSend(); err != nil {
		x.find("CloseSend returned the error %q", err)
	}
	x.hears(t, "done")
	x.await(x.spawn(func() { _, err = t.Recv() }), "Recv has not returned")
	if !errors.Is(err, io.EOF) {
		x.find("at the end, Recv returned the error: %v", err)
	}
}

func repeatsNoDuplex(x *visit) {
	s := x.serve(service{duplex: func(_ int64, with duplex) error {
		_, _ = with.Recv()
		return busy()
	}})
	x.did("sent a message to FullDuplexCall, of a server that has read it when it is Unavailable")
	l := s.dial()
	t, err := l.talks()
	if err != nil {
		x.moot("such streams are not made")
	}
	_ = t.Send(word("a")) // receiving tells
	x.await(x.spawn(func() { _, err = t.Recv() }), "Recv has not returned")
	x.ends(err, codes.Unavailable)
	l.once(s)
}

func streamsAtOnce(x *visit) {
	const many = 100
	t, err := x.serve(service{duplex: echoes}).dial().talks()
	if err != nil {
		x.moot("such streams are not made")
	}
	text := strings.Repeat("much ", 2<<10)
	x.did("sent %d messages of %d bytes to FullDuplexCall on one goroutine, and received what comes back on another", many, len(text))
	sent := x.spawn(func() {
		for i := range int64(many) {
			if err := t.Send(word(numeral(i) + text)); err != nil {
				x.find("Send returned the error %q", err)
			}
		}
	})
	for i := range int64(many) {
		x.hears(t, numeral(i)+text)
	}
	x.await(sent, "Send has not returned")
}
