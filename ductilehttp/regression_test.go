package ductilehttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// answering is a base transport that makes answers by itself, as caches and other people's transports do.
func answering(status int, body io.ReadCloser) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: body, Request: r}, nil
	}
}

func request(t *testing.T, ctx context.Context, url string) *http.Request { //nolint:revive // t comes first in this file's helpers
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	return r
}

// An answer 204, or one of length 0, was taken to be at its end by its headers. Over HTTP/2 the end may come in a frame of its own later; the
// attempt's context was over by then, and reading such an empty body failed with "context canceled".
func TestRegressionAnEmptyBodyThatEndsLater(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		seen := make(chan struct{})
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/204" {
				w.WriteHeader(http.StatusNoContent)
			} else {
				w.Header().Set("Content-Length", "0")
			}
			_ = http.NewResponseController(w).Flush()
			<-seen
		})
		c := b.client(ductile.New("test", timeout.New(time.Minute)))
		for _, path := range []string{"/204", "/length"} {
			resp, err := c.Get(b.URL + path)
			require.NoError(t, err)
			seen <- struct{}{}
			assert.Empty(t, read(t, resp))
		}
	})
}

// neverEnding is a body of one letter.
type neverEnding byte

func (b neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}

// A body that is there although its length says that there is none was never closed where its answer was not returned.
func TestRegressionEveryDiscardedBodyIsClosed(t *testing.T) {
	body := &recording{Reader: strings.NewReader("busy")}
	tr := ductilehttp.NewTransport(answering(http.StatusServiceUnavailable, body), ductile.New("test", again()))
	resp, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
	require.NoError(t, err)
	assert.Equal(t, int64(3), body.closed.Load(), "the last, which is small, was read ahead")
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, int64(3), body.closed.Load())

	body = &recording{Reader: neverEnding('b')}
	tr = ductilehttp.NewTransport(answering(http.StatusServiceUnavailable, body), ductile.New("test", again()))
	resp, err = tr.RoundTrip(request(t, t.Context(), "http://localhost"))
	require.NoError(t, err)
	assert.Equal(t, int64(2), body.closed.Load(), "the last can be read")
	require.NoError(t, resp.Body.Close())
	body = &recording{Reader: strings.NewReader("busy")}
	tr = ductilehttp.NewTransport(answering(http.StatusServiceUnavailable, body), ductile.New("test", again()))

	r := request(t, t.Context(), "http://localhost")
	r.Method = http.MethodHead
	body.closed.Store(0)
	resp, err = tr.RoundTrip(r)
	require.NoError(t, err)
	assert.Equal(t, int64(2), body.closed.Load())
	require.NoError(t, resp.Body.Close())
}

// An answer may come without a body from a transport that is not net/http's. It was closed all the same, where the caller had left.
func TestRegressionNoBodyAtAll(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := ductile.New("test", again())
	tr := ductilehttp.NewTransport(answering(http.StatusServiceUnavailable, nil), p, leaving(cancel))
	assert.NotPanics(t, func() {
		_, err := tr.RoundTrip(request(t, ctx, "http://localhost"))
		require.ErrorIs(t, err, context.Canceled)
	})
}

// leaving is a caller who leaves at the moment when the answer is judged.
func leaving(cancel func()) ductilehttp.Option {
	return ductilehttp.Classify(func(answer *http.Response, err error) fault.Class {
		cancel()
		return ductilehttp.Class(answer, err)
	})
}

// Where the caller left just after the only attempt had its 503, RoundTrip returned the StatusError, which it says it never does, and nothing
// of the caller's end.
func TestRegressionTheEndIsTheCallers(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	body := &recording{Reader: strings.NewReader("busy")}
	tr := ductilehttp.NewTransport(answering(http.StatusServiceUnavailable, body), ductile.New("test"), leaving(func() { cancel(gone) }))
	_, err := tr.RoundTrip(request(t, ctx, "http://localhost"))
	require.ErrorIs(t, err, gone)
	_, ok := errors.AsType[*ductilehttp.StatusError](err)
	assert.False(t, ok)
	assert.Equal(t, int64(1), body.closed.Load())
}

// A classifier that panicked left an answer behind that nobody could close any more.
func TestRegressionAClassifierThatPanics(t *testing.T) {
	body := &recording{Reader: strings.NewReader("busy")}
	tr := ductilehttp.NewTransport(answering(http.StatusOK, body), ductile.New("test", timeout.New(time.Minute)),
		ductilehttp.Classify(func(*http.Response, error) fault.Class { panic("mistake") }))
	assert.PanicsWithValue(t, "mistake", func() { _, _ = tr.RoundTrip(request(t, t.Context(), "http://localhost")) })
	assert.Equal(t, int64(1), body.closed.Load())
}

// A request canceled by Request.Cancel, as http.Client.Timeout also does, was a failure of the server, and was sent again.
func TestRegressionRequestCancelIsTheCallersEnd(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var requests atomic.Int64
		reached := make(chan struct{}, 9)
		b := serve(t, protocol, func(_ http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			reached <- struct{}{}
			<-r.Context().Done()
		})
		cancel := make(chan struct{})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL, nil)
		require.NoError(t, err)
		r.Cancel = cancel //nolint:staticcheck // callers may still use it
		go func() { <-reached; close(cancel) }()
		tally := breaker.New()
		var retries atomic.Int64
		p := ductile.New("test", again(retry.OnRetry(func(retry.Event) { retries.Add(1) })), tally)
		_, err = ductilehttp.NewTransport(b.base, p).RoundTrip(r)
		require.Error(t, err)
		assert.Zero(t, retries.Load())
		assert.Zero(t, tally.Snapshot().Counts.Failures)
	})
}

// Over HTTP/2 the error of reading a body was "context deadline exceeded", and did not say whose deadline.
func TestRegressionTheTimeoutOfABodyIsNamed(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		resp, err := b.client(ductile.New("test", timeout.New(time.Second, timeout.Name("mine")))).Get(b.URL)
		require.NoError(t, err)
		_, err = io.ReadAll(resp.Body)
		require.ErrorContains(t, err, "mine")
		require.ErrorIs(t, err, timeout.ErrExceeded)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, resp.Body.Close())
	})
}
