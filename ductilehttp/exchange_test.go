package ductilehttp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilehttp"
)

// A body that is too long to be buffered is open until it has been sent, and closed by whoever sends it.
func TestABodyTooLongToBufferIsSentWhole(t *testing.T) {
	long := strings.Repeat("0123456789", 100)
	body := &strict{Reader: strings.NewReader(long)}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://localhost", body)
	require.NoError(t, err)
	var got bytes.Buffer
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		_, err := io.Copy(&got, r.Body)
		require.NoError(t, err)
		assert.Zero(t, body.closed)
		require.NoError(t, r.Body.Close())
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})
	_, err = ductilehttp.NewTransport(base, ductile.New("test", again()), ductilehttp.BufferBody(10)).RoundTrip(r)
	require.NoError(t, err)
	assert.Equal(t, long, got.String())
	assert.Equal(t, 1, body.closed)
}

// A base transport that returns nothing at all is at fault.
func TestABaseTransportThatReturnsNothing(t *testing.T) {
	base := roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil }) //nolint:nilnil // the point
	_, err := ductilehttp.NewTransport(base, ductile.New("test")).RoundTrip(request(t, t.Context(), "http://localhost"))
	require.ErrorContains(t, err, "neither an answer nor an error")
}

// Only the body of an answer that is a success is waited for: a failed one is an answer, whatever its body does.
func TestTheFirstByteOfAFailureIsNotWaitedFor(t *testing.T) {
	body := &strict{Reader: iotest.ErrReader(io.ErrUnexpectedEOF)}
	tr := ductilehttp.NewTransport(answering(http.StatusServiceUnavailable, body), ductile.New("test"), ductilehttp.FirstByte())
	resp, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
	require.NoError(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.NoError(t, resp.Body.Close())
}

// cutting is a middleware that ends the context of what it called.
type cutting struct{ cause error }

func (cutting) Name() string { return "cutting" }
func (c cutting) Around(ctx context.Context, next func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(c.cause)
	return next(ctx)
}

// A failed answer that cannot be read any more ends in what ended its attempt, where that was not the caller.
func TestTheEndOfAnAttemptIsTheNews(t *testing.T) {
	gone := errors.New("gone")
	body := &strict{Reader: strings.NewReader("busy")}
	tr := ductilehttp.NewTransport(answering(http.StatusServiceUnavailable, body), ductile.NewConcurrent("test", cutting{gone}), ductilehttp.Drain(0, time.Second))
	resp, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
	assert.Nil(t, resp)
	require.ErrorIs(t, err, gone)
	assert.Positive(t, body.closed)
}
