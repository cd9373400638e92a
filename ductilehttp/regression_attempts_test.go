package ductilehttp_test

import (
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
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// A POST that a detached timeout had left behind was sent again: it had not said yet that it had been sent.
func TestRegressionAPostThatWasLeftBehind(t *testing.T) {
	for name, p := range map[string]*ductile.ConcurrentPipeline{
		"timeout":    ductile.NewConcurrent("test", again(), timeout.New(time.Second, timeout.Detached())),
		"middleware": ductile.NewConcurrent("test", again(), impatient{}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sends atomic.Int64
				base := roundTripper(func(r *http.Request) (*http.Response, error) {
					sends.Add(1)
					_, _ = io.ReadAll(r.Body)
					_ = r.Body.Close()
					<-r.Context().Done()
					time.Sleep(time.Millisecond) // as it takes to end a connection
					return nil, r.Context().Err()
				})
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost", strings.NewReader("payment"))
				require.NoError(t, err)
				_, err = ductilehttp.NewTransport(base, p).RoundTrip(r)
				require.Error(t, err)
				time.Sleep(time.Minute)
				assert.Equal(t, int64(1), sends.Load())
			})
		})
	}
}

// impatient is a middleware that does not wait for what it called.
type impatient struct{}

func (impatient) Name() string { return "impatient" }
func (impatient) Around(ctx context.Context, next func(context.Context) error) error {
	go func() { _ = next(ctx) }()
	time.Sleep(time.Second)
	return errors.New("no patience")
}

// strict is a body that cannot be read once it is closed, as those of net/http.
type strict struct {
	io.Reader
	closed int
}

func (s *strict) Read(p []byte) (int, error) {
	if s.closed > 0 {
		return 0, http.ErrBodyReadAfterClose
	}
	return s.Reader.Read(p)
}
func (s *strict) Close() error { s.closed++; return nil }

// dawdling is an observer that lets an attempt begin late.
type dawdling struct {
	ductile.NopWatch
	until chan struct{}
	ended func(ductile.AttemptEnded)
	broke func(ductile.Contained)
}

func (d *dawdling) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	return ctx, d
}
func (d *dawdling) AttemptStarted(ctx context.Context, _ ductile.AttemptStarted) context.Context {
	<-d.until
	return ctx
}
func (d *dawdling) AttemptEnded(_ context.Context, e ductile.AttemptEnded) { d.ended(e) }
func (d *dawdling) Contained(_ context.Context, c ductile.Contained)       { d.broke(c) }

// An attempt that began when nobody waited for it any more found the body gone, and panicked.
func TestRegressionAnAttemptThatComesAfterItsBodyWasClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &dawdling{until: make(chan struct{}), broke: func(c ductile.Contained) { t.Error("panicked", c.Panic) }}
		var ends []error
		d.ended = func(e ductile.AttemptEnded) { ends = append(ends, e.Err) }
		body := &strict{Reader: strings.NewReader("x")}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost", body)
		require.NoError(t, err)
		p := ductile.NewConcurrent("test", timeout.New(time.Second, timeout.Detached())).With(d)
		_, err = ductilehttp.NewTransport(roundTripper(func(*http.Request) (*http.Response, error) {
			t.Error("sent")
			return nil, io.EOF
		}), p).RoundTrip(r)
		require.ErrorIs(t, err, timeout.ErrExceeded)
		assert.Equal(t, 1, body.closed)
		close(d.until)
		synctest.Wait()
		require.Len(t, ends, 1)
		require.ErrorContains(t, ends[0], "the body of the request is gone")
		assert.Equal(t, 1, body.closed)
	})
}

// twice is a middleware that repeats what fails.
type twice struct{}

func (twice) Name() string { return "twice" }
func (twice) Around(ctx context.Context, next func(context.Context) error) error {
	if next(ctx) == nil {
		return nil
	}
	return next(ctx)
}

// A middleware that repeated a request whose body cannot be had again panicked.
func TestRegressionAMiddlewareThatRepeats(t *testing.T) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost", &recording{Reader: strings.NewReader("x")})
	require.NoError(t, err)
	sends := 0
	_, err = ductilehttp.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		sends++
		_ = r.Body.Close()
		return nil, errors.New("down")
	}), ductile.NewConcurrent("test", twice{})).RoundTrip(r)
	require.ErrorContains(t, err, "the body of the request is gone")
	assert.Equal(t, 1, sends)
}

// swallowing is a middleware that makes no call.
type swallowing struct{}

func (swallowing) Name() string                                                  { return "swallowing" }
func (swallowing) Around(_ context.Context, _ func(context.Context) error) error { return nil }

// RoundTrip returned neither an answer nor an error.
func TestRegressionNeitherAnswerNorError(t *testing.T) {
	tr := ductilehttp.NewTransport(answering(http.StatusOK, http.NoBody), ductile.NewConcurrent("test", swallowing{}))
	_, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
	require.EqualError(t, err, "ductilehttp: the pipeline returned neither an answer nor an error")
}

// A nil pipeline with a type was noticed at the first request, and an end that is none by a panic.
func TestRegressionNils(t *testing.T) {
	var p *ductile.Pipeline
	assert.PanicsWithError(t, "ductilehttp: NewTransport was given a nil pipeline: make one by ductile.New", func() { ductilehttp.NewTransport(nil, p) })
	assert.Equal(t, fault.ClassSuccess, ductilehttp.Class(nil, nil))
}
