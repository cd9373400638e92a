package ductilehttp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/timeout"
)

// announcing is a body that says when it is closed.
type announcing struct {
	io.Reader
	once   sync.Once
	closed chan struct{}
}

func (a *announcing) Close() error { a.once.Do(func() { close(a.closed) }); return nil }

// A body without GetBody can be sent again where the transport may buffer it, and where the request may be repeated at all.
func TestBufferBody(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var bodies []string
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			bodies = append(bodies, string(text))
			if len(bodies)%3 != 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		c := b.client(ductile.New("test", again()), ductilehttp.BufferBody(5))
		for name, row := range map[string]struct {
			method, text string
			length       int64
			want         []string
		}{
			"fits":           {http.MethodPut, "12345", 0, []string{"12345", "12345", "12345"}},
			"length known":   {http.MethodPut, "12345", 5, []string{"12345", "12345", "12345"}},
			"too long":       {http.MethodPut, "123456", 0, []string{"123456"}},
			"known too long": {http.MethodPut, "123456", 6, []string{"123456"}},
			"not idempotent": {http.MethodPost, "12345", 0, []string{"12345"}},
			"empty":          {http.MethodPut, "", 0, []string{"", "", ""}},
		} {
			bodies = nil
			given := &announcing{Reader: strings.NewReader(row.text), closed: make(chan struct{})}
			r := request(t, t.Context(), b.URL)
			r.Method, r.Body, r.ContentLength = row.method, given, row.length
			before := *r
			resp, err := c.Do(r)
			require.NoError(t, err, name)
			_ = read(t, resp)
			assert.Equal(t, row.want, bodies, name)
			<-given.closed // by the base transport, it may be later
			assert.Equal(t, before.Body, r.Body, name)
			assert.Nil(t, r.GetBody, name)
		}
	})
}

// A buffered request that is not idempotent is repeated where it never left.
func TestABufferedRequestThatNeverLeft(t *testing.T) {
	attempts := 0
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		if attempts++; attempts == 1 {
			_ = r.Body.Close()
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
		}
		text, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		assert.Equal(t, "text", string(text))
		again, err := r.GetBody()
		require.NoError(t, err)
		text, err = io.ReadAll(again)
		require.NoError(t, err)
		assert.Equal(t, "text", string(text))
		return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	r := request(t, t.Context(), "http://localhost")
	r.Method, r.Body = http.MethodPost, io.NopCloser(strings.NewReader("text"))
	_, err := ductilehttp.NewTransport(base, ductile.New("test", again()), ductilehttp.BufferBody(1<<10)).RoundTrip(r)
	require.NoError(t, err)
	assert.Equal(t, 2, attempts)
}

// A body that fails, or never comes, while it is read into memory ends the call, and is closed.
func TestABodyThatCannotBeBuffered(t *testing.T) {
	base := roundTripper(func(*http.Request) (*http.Response, error) {
		assert.Fail(t, "sent")
		return nil, errors.New("sent")
	})
	tr := ductilehttp.NewTransport(base, ductile.New("test", again(), timeout.New(20*time.Millisecond)), ductilehttp.BufferBody(1<<10))
	errBroken := errors.New("disk failure")
	r := request(t, t.Context(), "http://localhost")
	r.Method, r.Body = http.MethodPut, io.NopCloser(&breaking{strings.NewReader("te"), func() (int, error) { return 0, errBroken }})
	_, err := tr.RoundTrip(r)
	require.ErrorIs(t, err, errBroken)

	reading, writing := io.Pipe()
	r = request(t, t.Context(), "http://localhost")
	r.Method, r.Body = http.MethodPut, reading
	_, err = tr.RoundTrip(r)
	require.ErrorIs(t, err, timeout.ErrExceeded)
	_, err = writing.Write([]byte("text"))
	require.ErrorIs(t, err, io.ErrClosedPipe)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var closed atomic.Int64
	r = request(t, ctx, "http://localhost")
	r.Method, r.Body = http.MethodPut, closing{&closed}
	_, err = tr.RoundTrip(r)
	require.ErrorIs(t, err, context.Canceled)
	assert.Positive(t, closed.Load())

	r = request(t, t.Context(), "http://localhost")
	given := &recording{Reader: &breaking{strings.NewReader("te"), func() (int, error) { panic("broken") }}}
	r.Method, r.Body = http.MethodPut, given
	assert.PanicsWithValue(t, "broken", func() { _, _ = tr.RoundTrip(r) })
	assert.Equal(t, int64(1), given.closed.Load())
}

// closing is a body that nobody should read.
type closing struct{ closed *atomic.Int64 }

func (c closing) Read([]byte) (int, error) { return 0, errors.New("read") }
func (c closing) Close() error             { c.closed.Add(1); return nil }

// A limit that makes no sense is refused.
func TestBufferRefusals(t *testing.T) {
	require.EqualError(t, ductilehttp.Validate(ductilehttp.BufferBody(0)), "ductilehttp: BufferBody(0): must be from 1 to 67108864 bytes")
	require.EqualError(t, ductilehttp.Validate(ductilehttp.BufferBody(1<<26+1)), "ductilehttp: BufferBody(67108865): must be from 1 to 67108864 bytes")
	require.NoError(t, ductilehttp.Validate(ductilehttp.BufferBody(1<<26)))
	require.EqualError(t, ductilehttp.Validate(ductilehttp.Key(nil)), "ductilehttp: Key(nil): must be a function from a request to its key")
}
