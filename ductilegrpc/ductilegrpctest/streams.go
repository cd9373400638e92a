package ductilegrpctest

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Stories of streams from the server.

// said is a message of a server.
func said(text string) *grpc_testing.StreamingOutputCallResponse {
	return &grpc_testing.StreamingOutputCallResponse{Payload: &grpc_testing.Payload{Body: []byte(text)}}
}

// says sends messages.
func says(to interface {
	Send(*grpc_testing.StreamingOutputCallResponse) error
}, texts ...string) {
	for _, text := range texts {
		_ = to.Send(said(text)) // who does not get it will tell
	}
}

// A reading is a stream from the server.
type reading struct {
	grpc.ServerStreamingClient[grpc_testing.StreamingOutputCallResponse]
	x *visit
}

// read begins a stream.
func (l *line) read(ctx context.Context, text string, options ...grpc.CallOption) *reading {
	r := &reading{x: l.x}
	var err error
	l.x.await(l.x.spawn(func() {
		request := &grpc_testing.StreamingOutputCallRequest{Payload: &grpc_testing.Payload{Body: []byte(text)}}
		r.ServerStreamingClient, err = l.TestServiceClient.StreamingOutputCall(ctx, request, options...)
	}), "the stream has not been created")
	if err != nil {
		l.x.find("the stream was not created: %v", err)
	}
	return r
}

// next receives a message.
func (r *reading) next() (text string, err error) {
	r.x.await(r.x.spawn(func() {
		var m *grpc_testing.StreamingOutputCallResponse
		m, err = r.Recv()
		text = string(m.GetPayload().GetBody())
	}), "Recv has not returned")
	if !errors.Is(err, io.EOF) {
		r.x.statused(err)
	}
	return text, err
}

// rest receives all messages, until there is an error; nil is the end of the stream.
func (r *reading) rest() (all []string, err error) {
	for {
		text, err := r.next()
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return all, err
		}
		all = append(all, text)
	}
}

// outputs starts a server of such streams.
func (x *visit) outputs(output func(text string, n int64, to outputs) error) *site {
	return x.serve(service{output: output})
}

func streamsOutput(x *visit) {
	var want []string
	for i := range int64(100) {
		want = append(want, numeral(i))
	}
	l := x.outputs(func(text string, _ int64, to outputs) error {
		says(to, want...)
		says(to, text)
		return nil
	}).dial()
	x.did("called %s, of a server that sends 100 messages, and the one that it was sent", StreamingOutputCall)
	switch all, err := l.read(x.ctx, "hello").rest(); {
	case err != nil:
		x.find("after %d messages, there was the error %q", len(all), err)
	case !slices.Equal(all, append(want, "hello")):
		x.find("the messages are %q", all)
	}
}

func streamsStatus(x *visit) {
	l := x.outputs(func(_ string, _ int64, to outputs) error {
		says(to, "1", "2")
		return because(codes.NotFound, "the moon is full", "moon")
	}).dial()
	x.did("called %s, of a server that sends two messages, and then NotFound with a detail", StreamingOutputCall)
	all, err := l.read(x.ctx, "").rest()
	x.ends(err, codes.NotFound)
	switch {
	case !slices.Equal(all, []string{"1", "2"}):
		x.find("the messages are %q", all)
	case reason(err) != "moon" || !strings.Contains(status.Convert(err).Message(), "the moon is full"):
		x.find("the error is %q, with the details %v", err, status.Convert(err).Details())
	}
}

func streamsHeader(x *visit) {
	l := x.outputs(func(_ string, n int64, to outputs) error {
		number := metadata.Pairs("n", numeral(n))
		_ = to.SetHeader(number)
		to.SetTrailer(number)
		says(to, numeral(n))
		return nil
	}).dial()
	for _, early := range []bool{true, false} {
		x.did("called %s; asked for the header before the first message: %v", StreamingOutputCall, early)
		r, t := l.read(x.ctx, ""), new(told)
		header := func() {
			x.await(x.spawn(func() { t.header, _ = r.Header() }), "Header has not returned")
		}
		if early {
			header()
		}
		all, err := r.rest()
		if err != nil || len(all) != 1 {
			x.find("the messages are %q, and the error: %v", all, err)
		}
		if !early {
			header()
		}
		t.trailer = r.Trailer()
		t.is(x, all[0])
	}
}

func finishesStream(x *visit) {
	for _, code := range []codes.Code{codes.OK, codes.NotFound} {
		l := x.outputs(func(_ string, _ int64, to outputs) error {
			says(to, "1")
			return status.Error(code, "the end")
		}).dial()
		x.did("called %s with grpc.OnFinish, of a server that sends a message, and then %v", StreamingOutputCall, code)
		var times, with atomic.Int64
		_, err := l.read(x.ctx, "", grpc.OnFinish(func(err error) {
			times.Add(1)
			with.Store(int64(status.Code(err)))
		})).rest()
		x.eventually(func() bool { return times.Load() > 0 }, "it was not called")
		if n, got := times.Load(), codes.Code(with.Load()); n != 1 || got != status.Code(err) {
			x.find("it was called %d times, with the code %v; the stream ended with: %v", n, got, err)
		}
	}
}

func streamsWhole(x *visit) {
	l := x.outputs(func(_ string, n int64, to outputs) error {
		if n == 1 {
			return busy()
		}
		says(to, numeral(n)+"a", numeral(n)+"b")
		return nil
	}).dial()
	x.did("called %s, of a server that is Unavailable the first time", StreamingOutputCall)
	all, err := l.read(x.ctx, "").rest()
	switch {
	case err != nil && len(all) > 0:
		x.find("the messages are %q, and the error: %v", all, err)
	case err != nil:
		x.ends(err, codes.Unavailable)
		x.moot("streams are not begun anew")
	case !slices.Equal(all, []string{"2a", "2b"}):
		x.find("the messages are %q", all)
	}
}

func beginsAfterHeader(x *visit) {
	on := make(chan struct{})
	s := x.outputs(func(_ string, n int64, to outputs) error {
		if n > 1 {
			says(to, "another")
			return nil
		}
		_ = to.SendHeader(metadata.Pairs("n", "1"))
		select {
		case <-on:
		case <-to.Context().Done():
		}
		return busy()
	})
	x.did("called %s, of a server that sends a header, and is Unavailable when the caller has that", StreamingOutputCall)
	r := s.dial().read(x.ctx, "")
	var header metadata.MD
	x.await(x.spawn(func() { header, _ = r.Header() }), "Header has not returned")
	close(on)
	all, err := r.rest()
	if len(all) > 0 || s.heard.Load() > 1 {
		x.find("the header was that of %q, the messages are %q, and the server was called %d times", header.Get("n"), all, s.heard.Load())
	}
	x.ends(err, codes.Unavailable)
}

func beginsAfterMessage(x *visit) {
	s := x.outputs(func(_ string, _ int64, to outputs) error {
		says(to, "first")
		return busy()
	})
	x.did("called %s, of a server that sends a message, and then Unavailable", StreamingOutputCall)
	r := s.dial().read(x.ctx, "")
	r.begun()
	again, err := r.next()
	if err == nil || s.heard.Load() > 1 {
		x.find("after the first message, there was %q, and the error: %v; the server was called %d times", again, err, s.heard.Load())
	}
	x.ends(err, codes.Unavailable)
}

// endless starts a server that sends a message, and then nothing; it tells when a stream has ended.
func (x *visit) endless() (*site, chan struct{}) {
	ended := make(chan struct{}, 10)
	return x.outputs(func(_ string, _ int64, to outputs) error {
		says(to, "first")
		<-to.Context().Done()
		ended <- struct{}{}
		return to.Context().Err()
	}), ended
}

// begun receives the first message.
func (r *reading) begun() {
	if text, err := r.next(); text != "first" || err != nil {
		r.x.find("the first message is %q, and the error: %v", text, err)
	}
}

func endsStreamCanceled(x *visit) {
	s, ended := x.endless()
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	x.did("called %s, received a message, and canceled the context", StreamingOutputCall)
	r := s.dial().read(ctx, "")
	r.begun()
	cancel()
	_, err := r.next()
	x.ends(err, codes.Canceled)
	x.await(ended, "the stream has not ended at the server")
}

func endsStreamLate(x *visit) {
	s, ended := x.endless()
	limit := 5 * x.lull
	ctx, cancel := context.WithTimeout(x.ctx, limit)
	defer cancel()
	x.did("called %s with a deadline in %v, and received a message", StreamingOutputCall, limit)
	r := s.dial().read(ctx, "")
	r.begun()
	_, err := r.next()
	x.ends(err, codes.DeadlineExceeded)
	x.await(ended, "the stream has not ended at the server")
}

func endsStreamLeft(x *visit) {
	s, ended := x.endless()
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	x.did("called %s, received a message, and canceled the context without receiving again", StreamingOutputCall)
	s.dial().read(ctx, "").begun()
	cancel()
	x.await(ended, "the stream has not ended at the server")
}
