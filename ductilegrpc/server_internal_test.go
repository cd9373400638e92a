package ductilegrpc

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
)

// Nobody comes early, nobody much too late, and nobody at all after a time that no client would wait.
func TestSpread(t *testing.T) {
	const most = 1 - 1.0/(1<<53) // of rand.Float64
	for _, test := range []struct {
		after time.Duration
		share float64
		want  time.Duration
	}{
		{0, 0, 0},
		{0, most, 0},
		{1, 0, time.Millisecond},
		{1, most, time.Millisecond},
		{time.Millisecond, 0, time.Millisecond},
		{time.Millisecond + 1, 0, 2 * time.Millisecond},
		{time.Millisecond, most, 2 * time.Millisecond},
		{time.Second, 0, time.Second},
		{time.Second, 0.5, 1250 * time.Millisecond},
		{time.Second, most, 1500 * time.Millisecond},
		{time.Hour, 0, time.Hour},
		{time.Hour + 1, 0, time.Hour},
		{math.MaxInt64, 0, time.Hour},
		{math.MaxInt64, 0.5, 75 * time.Minute},
		{math.MaxInt64, most, 90 * time.Minute},
	} {
		assert.Equal(t, test.want, spread(test.after, test.share), "%v %v", test.after, test.share)
	}
}

// directly is a stream that notes what it is asked with.
type directly struct {
	grpc.ServerStream
	ctx   context.Context
	asked []any
}

var errAsked = errors.New("asked")

func (d *directly) Context() context.Context { return d.ctx }

func (d *directly) RecvMsg(m any) error {
	d.asked = append(d.asked, m)
	return errAsked
}

func (d *directly) SendMsg(m any) error { return d.RecvMsg(m) }

// Where no goroutine is of use there is none: a context that ends with the transport's, the only reply, and a handler that has returned.
func TestStreamWithinAsksDirectly(t *testing.T) {
	type key struct{}
	transport := &directly{ctx: t.Context()}
	over := make(chan struct{})
	close(over)
	later, cancel := context.WithCancel(t.Context())
	defer cancel()
	values := &streamWithin{ServerStream: transport, ctx: context.WithValue(t.Context(), key{}, 1)}
	forever := &streamWithin{ServerStream: transport, ctx: context.WithoutCancel(t.Context())}
	single := &streamWithin{ServerStream: transport, ctx: later, single: true}
	returned := &streamWithin{ServerStream: transport, ctx: later, over: over}
	for name, ask := range map[string]func(any) error{
		"values, receiving": values.RecvMsg, "values, sending": values.SendMsg,
		"for ever, receiving": forever.RecvMsg, "for ever, sending": forever.SendMsg,
		"the only reply": single.SendMsg, "after the handler, sending": returned.SendMsg,
	} {
		m := &struct{ text string }{}
		transport.asked = nil
		assert.ErrorIs(t, ask(m), errAsked, name)
		if assert.Len(t, transport.asked, 1, name) {
			assert.Same(t, m, transport.asked[0], name)
		}
	}
	for range 100 {
		assert.ErrorIs(t, returned.RecvMsg(&struct{}{}), errAsked)
	}
}
