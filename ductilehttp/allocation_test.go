package ductilehttp_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// waits is what net/http does with the context of a request.
func waits(r *http.Request) { _ = r.Context().Done() }

func ignores(*http.Request) {}

// A ready transport has its answer at hand, and so allocates nothing.
type ready struct {
	look   func(*http.Request)
	answer http.Response
	body   io.ReadCloser
}

func (b *ready) RoundTrip(r *http.Request) (*http.Response, error) {
	b.look(r)
	b.answer = http.Response{StatusCode: http.StatusOK, Body: b.body, ContentLength: -1, Request: r}
	return &b.answer, nil
}

// A blank is a body at whose end one is at once.
type blank struct{ closed int }

func (*blank) Read([]byte) (int, error) { return 0, io.EOF }
func (b *blank) Close() error           { b.closed++; return nil }

// deadlineAllocations returns what the standard library's own timeout costs, here and now, where somebody asks for Done.
func deadlineAllocations(parent context.Context) float64 {
	return testing.AllocsPerRun(1000, func() {
		ctx, cancel := context.WithTimeout(parent, time.Minute)
		_ = ctx.Done()
		cancel()
	})
}

// What a request costs besides what the base transport does: itself, and a body that knows when it has been read.
func TestTransportAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	deadline := deadlineAllocations(t.Context())
	serial := []ductile.Policy{retry.New(), breaker.New()}
	timed := slices.Concat(serial, []ductile.Policy{timeout.New(time.Minute)})
	for _, test := range []struct {
		name string
		p    ductile.Composed
		look func(*http.Request)
		body io.ReadCloser
		want float64
	}{
		{"no policies, no body", ductile.New("test"), ignores, http.NoBody, 4},
		{"no policies", ductile.New("test"), ignores, new(blank), 5},
		{"retry, breaker", ductile.New("test", serial...), ignores, new(blank), 5},
		{"the same, Done asked", ductile.New("test", serial...), waits, new(blank), 5},
		{"with an attempt timeout", ductile.New("test", timed...), ignores, new(blank), 6},
		{"with an attempt timeout, Done asked", ductile.New("test", timed...), waits, new(blank), 6 + deadline},
		{"with an attempt timeout, Done asked, no body", ductile.New("test", timed...), waits, http.NoBody, 5 + deadline},
		{"no hedges", ductile.NewConcurrent("test", timed...), waits, new(blank), 6 + deadline},
	} {
		t.Run(test.name, func(t *testing.T) {
			base, runs := &ready{look: test.look, body: test.body}, 0
			transport := ductilehttp.NewTransport(base, test.p)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost", http.NoBody)
			require.NoError(t, err)
			var buffer [1]byte
			got := testing.AllocsPerRun(1000, func() {
				runs++
				answer, err := transport.RoundTrip(request)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := answer.Body.Read(buffer[:]); err != io.EOF {
					t.Error(err)
				}
				_ = answer.Body.Close()
			})
			assert.Equal(t, test.want, got)
			if b, ok := test.body.(*blank); ok {
				assert.Equal(t, runs, b.closed)
			}
		})
	}
}

// A simple writer keeps nothing.
type simple struct{ header http.Header }

func (s *simple) Header() http.Header         { return s.header }
func (s *simple) WriteHeader(int)             {}
func (s *simple) Write(p []byte) (int, error) { return len(p), nil }

// An able writer can what that of a server of HTTP/1.1 can.
type able struct{ simple }

func (a *able) Flush()                                       {}
func (a *able) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, http.ErrNotSupported }
func (a *able) ReadFrom(io.Reader) (int64, error)            { return 0, nil }

// What a request costs besides what the handler does.
func TestHandlerAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	ctx, cancel := context.WithCancel(t.Context()) // that of a server's request can be canceled
	defer cancel()
	deadline := deadlineAllocations(ctx)
	full := bulkhead.New(1)
	_, err := full.Acquire(ctx)
	require.NoError(t, err)
	silently := ductilehttp.OnReject(func(http.ResponseWriter, *http.Request, error) {})
	for _, test := range []struct {
		name    string
		p       *ductile.Pipeline
		look    func(*http.Request)
		writer  http.ResponseWriter
		options []ductilehttp.HandlerOption
		want    float64
	}{
		{"no policies", ductile.New("test"), ignores, &simple{http.Header{}}, nil, 1},
		{"no policies, HTTP/1.1", ductile.New("test"), ignores, &able{simple{http.Header{}}}, nil, 2},
		{"a bulkhead", ductile.New("test", bulkhead.New(1)), waits, &able{simple{http.Header{}}}, nil, 2},
		{"a bulkhead and a timeout", ductile.New("test", bulkhead.New(1), timeout.New(time.Minute)), ignores, &able{simple{http.Header{}}}, nil, 4},
		{"the same, Done asked", ductile.New("test", bulkhead.New(1), timeout.New(time.Minute)), waits, &able{simple{http.Header{}}}, nil, 4 + deadline},
		{"a refusal", ductile.New("test", full), waits, &able{simple{http.Header{}}}, []ductilehttp.HandlerOption{silently}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			handler := ductilehttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				test.look(r)
				w.WriteHeader(http.StatusNoContent)
			}), test.p, test.options...)
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost", http.NoBody)
			require.NoError(t, err)
			assert.Equal(t, test.want, testing.AllocsPerRun(1000, func() { handler.ServeHTTP(test.writer, request) }))
		})
	}
}
