package ductilehttp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// The connection of a failed answer is free while the retry waits, also where the attempt's time passes during the wait.
func TestAWaitKeepsTheConnection(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var requests atomic.Int64
		b := serve(t, protocol, unreliable(func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			_, _ = io.WriteString(w, "ok")
		}))
		c := b.client(ductile.New("test", again(retry.OverloadBase(1200*time.Millisecond), retry.NoJitter()), timeout.New(time.Second)))
		for range 2 {
			_, text := get(t, c, b.URL)
			assert.Equal(t, "ok", text)
		}
		assert.Equal(t, int64(2), requests.Load())
		assert.Equal(t, int64(1), b.conns.Load())
	})
}

// An answer that is returned after all is whole: whether it was read ahead, is too long for that, or comes slowly; and also when the time of its
// attempt is over, where it was read ahead.
func TestWhatIsReadAheadIsReturned(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		long := bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/trailer" {
				w.Header().Set("Trailer", "Sum")
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			switch r.URL.Path {
			case "/long":
				_, _ = w.Write(long)
			case "/slow":
				_, _ = io.WriteString(w, "busy ")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(100 * time.Millisecond)
				_, _ = io.WriteString(w, "still")
			default:
				_, _ = io.WriteString(w, "busy")
			}
			w.Header().Set("Sum", "42")
		})
		for path, want := range map[string]string{"/": "busy", "/slow": "busy still", "/long": string(long), "/trailer": "busy"} {
			p := ductile.New("test", again(retry.Attempts(2)), breaker.New(breaker.ConsecutiveFailures(1)), timeout.New(time.Minute))
			resp, text := get(t, b.client(p, ductilehttp.Drain(64<<10, time.Millisecond)), b.URL+path)
			assert.Equal(t, want, text)
			if path == "/trailer" {
				assert.Equal(t, "42", resp.Trailer.Get("Sum"), path)
			}
		}
	})
}

// breaking is a body that comes to an end of its own kind.
type breaking struct {
	io.Reader
	end func() (int, error)
}

func (b *breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil {
		return b.end()
	}
	return n, nil
}

func (b *breaking) Close() error { return nil }

// What a body does while it is read ahead, it does to whoever reads it.
func TestABodyThatBreaksAhead(t *testing.T) {
	errBroken := errors.New("connection reset by peer")
	for name, row := range map[string]struct {
		end   func() (int, error)
		check func(t *testing.T, body io.Reader)
	}{
		"error": {func() (int, error) { return 0, errBroken }, func(t *testing.T, body io.Reader) {
			for range 2 {
				_, err := body.Read(make([]byte, 1))
				require.ErrorIs(t, err, errBroken)
			}
		}},
		"panic": {func() (int, error) { panic("broken") }, func(t *testing.T, body io.Reader) {
			assert.PanicsWithValue(t, "broken", func() { _, _ = body.Read(make([]byte, 1)) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			base := roundTripper(func(r *http.Request) (*http.Response, error) {
				body := &breaking{strings.NewReader("busy"), row.end}
				return &http.Response{StatusCode: http.StatusBadGateway, ContentLength: -1, Header: http.Header{}, Body: body, Request: r}, nil
			})
			p := ductile.New("test", again(), breaker.New(breaker.ConsecutiveFailures(1)), timeout.New(time.Minute))
			tr := ductilehttp.NewTransport(base, p)
			resp, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
			require.NoError(t, err)
			text := make([]byte, 4)
			_, err = io.ReadFull(resp.Body, text)
			require.NoError(t, err)
			assert.Equal(t, "busy", string(text))
			row.check(t, resp.Body)
			require.NoError(t, resp.Body.Close())
		})
	}
}

// What is not repeated is not read ahead.
func TestNothingIsReadAheadInVain(t *testing.T) {
	for name, row := range map[string]struct {
		method string
		policy ductile.Policy
	}{
		"no retry":  {http.MethodGet, timeout.New(time.Minute)},
		"no repeat": {http.MethodPost, again()},
	} {
		read := false
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			body := &breaking{strings.NewReader(""), func() (int, error) { read = true; return 0, io.EOF }}
			return &http.Response{StatusCode: http.StatusBadGateway, ContentLength: -1, Header: http.Header{}, Body: body, Request: r}, nil
		})
		r := request(t, t.Context(), "http://localhost")
		r.Method = row.method
		resp, err := ductilehttp.NewTransport(base, ductile.New("test", row.policy)).RoundTrip(r)
		require.NoError(t, err)
		assert.False(t, read, name)
		require.NoError(t, resp.Body.Close())
	}
}

// Where the attempt's time passes before a failed answer has come, that is the news: it cannot be read any more.
func TestAnAnswerThatIsLateAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			body := &breaking{strings.NewReader("bu"), func() (int, error) { <-r.Context().Done(); return 0, r.Context().Err() }}
			return &http.Response{StatusCode: http.StatusBadGateway, ContentLength: -1, Header: http.Header{}, Body: body, Request: r}, nil
		})
		for _, limit := range []time.Duration{20 * time.Millisecond, 80 * time.Millisecond} { // while it is read ahead, and while the retry waits
			p := ductile.New("test", again(retry.Attempts(2), retry.Constant(time.Second), retry.NoJitter()), once(), timeout.New(limit))
			_, err := ductilehttp.NewTransport(base, p).RoundTrip(request(t, t.Context(), "http://localhost"))
			require.ErrorIs(t, err, errNoMore)
		}
	})
}

var errNoMore = errors.New("no more")

// once is a gate that admits one call.
func once() ductile.Gate { return admitsOne{new(bool)} }

type admitsOne struct{ used *bool }

func (admitsOne) Name() string          { return "once" }
func (admitsOne) Release(uint64, error) {}
func (g admitsOne) Acquire(context.Context) (uint64, error) {
	if *g.used {
		return 0, errNoMore
	}
	*g.used = true
	return 0, nil
}
