package ductilehttp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// closePanics is a body whose Close panics, and whose Read waits for it.
type closePanics struct{ slowly }

func (c *closePanics) Close() error { _ = c.slowly.Close(); panic("broken") }

func newClosePanics() *closePanics {
	return &closePanics{slowly{first: strings.NewReader(""), closed: make(chan struct{})}}
}

// A body whose Close panics was closed on a goroutine of ours, which ended the program. Now whoever called hears of it.
func TestRegressionACloseThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		tr := ductilehttp.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			if requests++; requests > 1 {
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
			}
			return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: newClosePanics(), ContentLength: -1, Request: r}, nil
		}), ductile.New("test", again()))
		assert.PanicsWithValue(t, "broken", func() { _, _ = tr.RoundTrip(request(t, t.Context(), "http://localhost")) })

		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://localhost", newClosePanics())
		require.NoError(t, err)
		tr = ductilehttp.NewTransport(answering(http.StatusOK, http.NoBody), ductile.New("test", timeout.New(time.Second)), ductilehttp.BufferBody(100))
		assert.PanicsWithValue(t, "broken", func() { _, _ = tr.RoundTrip(r) })
		time.Sleep(time.Minute)
	})
}

// A body's own error came with a mark on it, where net/http returns it as it is.
func TestRegressionTheErrorOfABufferedBody(t *testing.T) {
	errOwn := errors.New("disk failure")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://localhost", io.NopCloser(iotest.ErrReader(errOwn)))
	require.NoError(t, err)
	_, err = ductilehttp.NewTransport(answering(http.StatusOK, http.NoBody), ductile.New("test"), ductilehttp.BufferBody(100)).RoundTrip(r)
	assert.Equal(t, errOwn, err)
}

// With nothing to be drained, one byte was waited for all the same.
func TestRegressionDrainNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, requests := time.Now(), 0
		tr := ductilehttp.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			if requests++; requests > 1 {
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
			}
			body := &slowly{first: strings.NewReader(""), closed: make(chan struct{})}
			return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: body, ContentLength: -1, Request: r}, nil
		}), ductile.New("test", again()), ductilehttp.Drain(0, 10*time.Second))
		_, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
		require.NoError(t, err)
		assert.Zero(t, time.Since(start))
	})
}

// Request.Cancel while the first byte was waited for counted as a failure of the server, and was repeated.
func TestRegressionCancelBeforeTheFirstByte(t *testing.T) {
	requests := make(chan struct{}, 10)
	b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		requests <- struct{}{}
		<-r.Context().Done()
	})
	cancel := make(chan struct{})
	r := request(t, t.Context(), b.URL)
	r.Cancel = cancel //nolint:staticcheck // callers may still use it
	go func() { <-requests; close(cancel) }()
	_, err := ductilehttp.NewTransport(b.base, ductile.New("test", again()), ductilehttp.FirstByte()).RoundTrip(r)
	require.Error(t, err)
	assert.Empty(t, requests)
}

// endsOnce is a body that says only once that it broke off, together with bytes.
type endsOnce struct{ reads int }

func (e *endsOnce) Read(p []byte) (int, error) {
	if e.reads++; e.reads == 1 {
		return copy(p, "abc"), io.ErrUnexpectedEOF
	}
	return 0, io.EOF
}

// An error that came together with the first byte was forgotten, and the body looked whole.
func TestRegressionAnErrorWithTheFirstByte(t *testing.T) {
	tr := ductilehttp.NewTransport(answering(http.StatusOK, io.NopCloser(new(endsOnce))), ductile.New("test"), ductilehttp.FirstByte())
	resp, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, "abc", string(text))
}

// A server could say by its own words that its failure is permanent, which breakers take for a success.
func TestRegressionTheServersWords(t *testing.T) {
	for text, class := range map[string]fault.Class{
		`net/http: HTTP/1.x transport connection broken: malformed MIME header: missing colon: "nil Request.URL"`: fault.ClassTransient,
		`http: nil Request.URL`:             fault.ClassPermanent,
		`unsupported protocol scheme "ftp"`: fault.ClassPermanent,
	} {
		assert.Equal(t, class, ductilehttp.Class(nil, errors.New(text)), text)
		assert.Equal(t, class, ductilehttp.Class(nil, fmt.Errorf("get: %w", errors.New(text))), text)
	}
}

// A handler that copied nothing, since its source failed after the deadline, was taken to have answered: with an empty 200.
func TestRegressionACopyOfNothing(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, behind(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			_, _ = io.Copy(w, iotest.ErrReader(errors.New("upstream timed out")))
		}, timeout.New(20*time.Millisecond)))
		resp, _ := get(t, b.plain(), b.URL)
		assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	})
}
