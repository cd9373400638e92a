package ductilehttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// What is large is not read ahead, nor what has trailers; and what has neither is, for each policy that may repeat.
func TestWhatIsReadAhead(t *testing.T) {
	for name, row := range map[string]struct {
		length  int64
		trailer http.Header
		policy  ductile.Policy
		read    bool
	}{
		"large":      {17 << 10, nil, again(), false},
		"trailers":   {-1, http.Header{"End": nil}, again(), false},
		"retry":      {16 << 10, nil, again(), true},
		"hedge":      {-1, nil, hedge.New(hedge.After(time.Hour)), true},
		"middleware": {-1, nil, transparent{}, true},
		"neither":    {-1, nil, timeout.New(time.Minute), false},
	} {
		t.Run(name, func(t *testing.T) {
			read := false
			base := roundTripper(func(r *http.Request) (*http.Response, error) {
				read = false
				body := &breaking{strings.NewReader(""), func() (int, error) { read = true; return 0, io.EOF }}
				return &http.Response{StatusCode: http.StatusBadGateway, ContentLength: row.length, Trailer: row.trailer, Body: body, Request: r}, nil
			})
			resp, err := ductilehttp.NewTransport(base, ductile.NewConcurrent("test", row.policy)).RoundTrip(request(t, t.Context(), "http://localhost"))
			require.NoError(t, err)
			assert.Equal(t, row.read, read)
			require.NoError(t, resp.Body.Close())
		})
	}
}

type transparent struct{}

func (transparent) Name() string { return "transparent" }
func (transparent) Around(ctx context.Context, next func(context.Context) error) error {
	return next(ctx)
}

// What has been read ahead to its end needs its context no more, though nobody has read or closed it yet.
func TestWhatWasReadAheadHoldsNoContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempt context.Context
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			attempt = r.Context()
			body := &breaking{strings.NewReader("busy"), func() (int, error) { return 0, io.EOF }}
			return &http.Response{StatusCode: http.StatusBadGateway, ContentLength: -1, Body: body, Request: r}, nil
		})
		_, err := ductilehttp.NewTransport(base, ductile.New("test", again(), timeout.New(time.Hour))).RoundTrip(request(t, t.Context(), "http://localhost"))
		require.NoError(t, err)
		synctest.Wait()
		require.ErrorIs(t, attempt.Err(), context.Canceled)
	})
}

// A panic while reading ahead is the reader's, even where the body would not panic again.
func TestAPanicAheadIsNotLost(t *testing.T) {
	reads := 0
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		reads = 0
		body := &breaking{strings.NewReader(""), func() (int, error) {
			if reads++; reads == 1 {
				panic("broken")
			}
			return 0, io.EOF
		}}
		return &http.Response{StatusCode: http.StatusBadGateway, ContentLength: -1, Body: body, Request: r}, nil
	})
	p := ductile.New("test", retry.New(retry.Attempts(1)))
	resp, err := ductilehttp.NewTransport(base, p).RoundTrip(request(t, t.Context(), "http://localhost"))
	require.NoError(t, err)
	assert.PanicsWithValue(t, "broken", func() { _, _ = resp.Body.Read(make([]byte, 1)) })
}

// slowly is a body that does not end.
type slowly struct {
	first  io.Reader
	closed chan struct{}
	once   sync.Once
}

func (s *slowly) Read(p []byte) (int, error) {
	if n, err := s.first.Read(p); err == nil {
		return n, nil
	}
	<-s.closed
	return 0, errors.New("closed")
}
func (s *slowly) Close() error { s.once.Do(func() { close(s.closed) }); return nil }

// What had come of a failed answer was withheld until the rest had.
func TestRegressionWhatHasComeIsNotWithheld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := ductilehttp.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			body := &slowly{first: strings.NewReader("sorry\n"), closed: make(chan struct{})}
			return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: body, ContentLength: -1, Request: r}, nil
		}), ductile.New("p", again()))
		resp, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
		require.NoError(t, err)
		timer := time.AfterFunc(time.Hour, func() { _ = resp.Body.Close() })
		text := make([]byte, 100)
		n, err := resp.Body.Read(text)
		require.NoError(t, err)
		assert.True(t, timer.Stop(), "nothing was returned for an hour")
		assert.Equal(t, "sorry\n", string(text[:n]))
		require.NoError(t, resp.Body.Close())
	})
}

// Trailers that were not announced were written into the answer while its caller had it: a data race.
func TestRegressionTrailersThatComeLate(t *testing.T) {
	read := make(chan struct{})
	b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "busy")
		_ = http.NewResponseController(w).Flush()
		<-read
		w.Header().Set(http.TrailerPrefix+"Late", "1")
	})
	c := b.client(ductile.New("p", retry.New(retry.Attempts(1))), ductilehttp.Drain(64<<10, time.Millisecond))
	resp, err := c.Get(b.URL)
	require.NoError(t, err)
	close(read)
	for range 1000 { // whoever has an answer may look at all of it
		_ = *resp
		runtime.Gosched()
	}
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "busy", string(text))
	assert.Equal(t, "1", resp.Trailer.Get("Late"))
	require.NoError(t, resp.Body.Close())
}
