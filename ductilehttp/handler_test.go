package ductilehttp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/timeout"
)

// behind puts a handler behind a pipeline of policies.
func behind(handler http.HandlerFunc, policies ...ductile.Policy) http.HandlerFunc {
	return ductilehttp.Handler(handler, ductile.New("test", policies...)).ServeHTTP
}

func (b *bench) plain() *http.Client { return &http.Client{Transport: b.base} }

// refusing is a gate that says what it was told to.
type refusing struct{ err error }

func (refusing) Name() string                              { return "refusing" }
func (g refusing) Acquire(context.Context) (uint64, error) { return 0, g.err }
func (refusing) Release(uint64, error)                     {}

// untouched is a handler that must not be reached.
func untouched(t *testing.T) http.HandlerFunc {
	t.Helper()
	return func(http.ResponseWriter, *http.Request) { t.Error("the handler was started") }
}

// A full bulkhead sheds while its permit is taken, and says nothing of when to come back, for it does not know. Then the permit is free.
func TestHandlerShedsWhenFull(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		entered, leave := make(chan struct{}), make(chan struct{})
		b := serve(t, protocol, behind(func(w http.ResponseWriter, _ *http.Request) {
			entered <- struct{}{}
			<-leave
			_, _ = io.WriteString(w, "served")
		}, bulkhead.New(1, bulkhead.Name("secret"))))
		first := make(chan string)
		begin := func() {
			resp, err := b.plain().Get(b.URL)
			if !assert.NoError(t, err) {
				close(first)
				return
			}
			text, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			first <- string(text)
		}
		for range 2 {
			go begin()
			<-entered
			resp, text := get(t, b.plain(), b.URL)
			assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
			assert.Equal(t, "Service Unavailable\n", text)
			assert.Equal(t, "text/plain; charset=utf-8", resp.Header.Get("Content-Type"))
			assert.Empty(t, resp.Header.Values("Retry-After"))
			leave <- struct{}{}
			assert.Equal(t, "served", <-first)
		}
	})
}

// A limiter sheds with 429, and knows when its next token comes.
func TestHandlerShedsWhenLimited(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var served atomic.Int64
		b := serve(t, protocol, behind(func(http.ResponseWriter, *http.Request) { served.Add(1) }, ratelimit.New(1.0/3600, 1)))
		resp, _ := get(t, b.plain(), b.URL)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		resp, text := get(t, b.plain(), b.URL)
		assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
		assert.Equal(t, "Too Many Requests\n", text)
		assert.Equal(t, "3600", resp.Header.Get("Retry-After"), "a moment less than an hour, rounded up")
		assert.Equal(t, int64(1), served.Load())
	})
}

// The breaker opens by the statuses that it has seen, and sheds until its next probe.
func TestHandlerBreaksByStatus(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var served atomic.Int64
		guard := breaker.New(breaker.ConsecutiveFailures(3), breaker.OpenTime(time.Hour), breaker.OpenTimeJitter(0))
		b := serve(t, protocol, behind(func(w http.ResponseWriter, _ *http.Request) {
			served.Add(1)
			http.Error(w, "broken", http.StatusInternalServerError)
		}, guard))
		for range 3 {
			resp, text := get(t, b.plain(), b.URL)
			assert.Equal(t, http.StatusInternalServerError, resp.StatusCode)
			assert.Equal(t, "broken\n", text)
		}
		resp, text := get(t, b.plain(), b.URL)
		assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
		assert.Equal(t, "Service Unavailable\n", text)
		assert.Equal(t, "3600", resp.Header.Get("Retry-After"))
		assert.Equal(t, int64(3), served.Load())
	})
}

// What each status counts as, written in each way; and what ClassifyStatus makes of it.
func TestHandlerStatuses(t *testing.T) {
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	const broken = http.StatusInternalServerError
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		fails   bool
	}{
		{"nothing", func(http.ResponseWriter, *http.Request) {}, false},
		{"200", answer(200), false},
		{"304", answer(304), false},
		{"404", answer(404), false},
		{"408", answer(408), false},
		{"429", answer(429), false},
		{"500", answer(500), true},
		{"501", answer(501), false},
		{"502", answer(502), true},
		{"503", answer(503), true},
		{"504", answer(504), true},
		{"505", answer(505), false},
		{"103 before 500", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(broken)
		}, true},
		{"500 after 101", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusSwitchingProtocols)
			w.WriteHeader(broken)
		}, false},
		{"500 after a status that cannot be", func(w http.ResponseWriter, _ *http.Request) {
			assert.Panics(t, func() { w.WriteHeader(1000) })
			w.WriteHeader(broken)
		}, true},
		{"500 after a Hijack that failed", func(w http.ResponseWriter, _ *http.Request) {
			_, _, err := http.NewResponseController(w).Hijack()
			assert.Error(t, err)
			w.WriteHeader(broken)
		}, true},
		{"500 below", func(w http.ResponseWriter, _ *http.Request) { below(w).WriteHeader(broken) }, true},
		{"500 after a Write below", func(w http.ResponseWriter, _ *http.Request) { _, _ = below(w).Write(nil); w.WriteHeader(broken) }, false},
		{"500 after a Write", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(nil); w.WriteHeader(broken) }, false},
		{"500 after a string", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x"); w.WriteHeader(broken) }, false},
		{"500 after a Flush", func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); w.WriteHeader(broken) }, false}, //nolint:errcheck // it is one
		{"500 after a controller's", func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			w.WriteHeader(broken)
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			tally := breaker.New()
			w := httptest.NewRecorder()
			behind(test.handler, tally)(w, httptest.NewRequest(http.MethodGet, "/", nil))
			counts := tally.Snapshot().Counts
			assert.Equal(t, uint64(1), counts.Calls)
			assert.Equal(t, test.fails, counts.Failures == 1)
		})
	}
	tally := breaker.New()
	var told error
	p := ductile.New("test", tally).With(watch{func(e ductile.AttemptEnded) { told = e.Err }})
	asked := 0
	ductilehttp.Handler(answer(404), p, ductilehttp.ClassifyStatus(func(status int) fault.Class {
		asked = status
		return fault.ClassOverload
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, 404, asked)
	assert.Equal(t, uint64(1), tally.Snapshot().Counts.Failures)
	require.EqualError(t, told, "404 Not Found")
	assert.Equal(t, fault.ClassOverload, fault.Of(told))
}

func below(w http.ResponseWriter) http.ResponseWriter {
	return w.(interface{ Unwrap() http.ResponseWriter }).Unwrap() //nolint:errcheck // it has it
}

// uncomparable is a context that the operator == panics on.
type uncomparable struct {
	context.Context
	_ []int
}

// Where no policy has made a context, the handler gets the very request, whatever its context is.
func TestHandlerPassesTheRequestOn(t *testing.T) {
	plain := httptest.NewRequest(http.MethodGet, "/", nil)
	odd := plain.WithContext(uncomparable{Context: t.Context()})
	served := 0
	behind(func(_ http.ResponseWriter, r *http.Request) {
		served++
		assert.Same(t, plain, r)
	}, breaker.New())(httptest.NewRecorder(), plain)
	behind(func(_ http.ResponseWriter, r *http.Request) {
		served++
		assert.IsType(t, uncomparable{}, r.Context())
	}, breaker.New())(httptest.NewRecorder(), odd)
	assert.Equal(t, 2, served)
}

// Which status and which Retry-After a refusal is answered with.
func TestHandlerRefusals(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		after  string
	}{
		{errors.New("secret"), 503, ""},
		{hinted(0), 503, "0"},
		{hinted(1), 503, "1"},
		{hinted(time.Second), 503, "1"},
		{hinted(time.Second + 1), 503, "2"},
		{hinted(math.MaxInt64), 503, "9223372037"},
		{fmt.Errorf("secret: %w", ratelimit.ErrLimited), 429, ""},
	} {
		w := httptest.NewRecorder()
		behind(untouched(t), refusing{test.err})(w, httptest.NewRequest(http.MethodGet, "/", nil))
		assert.Equal(t, test.status, w.Code)
		assert.Equal(t, http.StatusText(test.status)+"\n", w.Body.String())
		assert.Equal(t, test.after, w.Header().Get("Retry-After"))
	}
}

// hinted is an error that knows when to come back.
type hinted time.Duration

func (hinted) Error() string                       { return "secret" }
func (h hinted) RetryAfter() (time.Duration, bool) { return time.Duration(h), true }

// OnReject has the request, the reason and an untouched writer.
func TestHandlerOnReject(t *testing.T) {
	r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
	ductilehttp.Handler(untouched(t), ductile.New("test", refusing{hinted(time.Minute)}), ductilehttp.OnReject(
		func(got http.ResponseWriter, gotR *http.Request, err error) {
			assert.Same(t, w, got)
			assert.Same(t, r, gotR)
			require.ErrorIs(t, err, fault.ErrRejected)
			got.WriteHeader(http.StatusTeapot)
		})).ServeHTTP(w, r)
	assert.Equal(t, http.StatusTeapot, w.Code)
	assert.Empty(t, w.Header())
}

// A request whose deadline has passed, or whose client has gone, is not started. What ended it may be the refusal of another call, whose
// hint is not ours.
func TestHandlerDoesNotStartTheDead(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		for name, policies := range map[string][]ductile.Policy{
			"none": nil, "timeout": {timeout.New(time.Hour)}, "bulkhead": {bulkhead.New(1)}, "limiter": {ratelimit.New(1, 1)}, "breaker": {breaker.New()},
		} {
			t.Run(name, func(t *testing.T) {
				inner := behind(untouched(t), policies...)
				b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
					ctx, cancel := context.WithCancelCause(r.Context())
					cancel(errors.Join(ratelimit.ErrLimited, hinted(time.Minute)))
					if r.URL.Path == "/late" {
						var stop context.CancelFunc
						ctx, stop = context.WithDeadlineCause(r.Context(), time.Unix(0, 0), hinted(time.Minute))
						defer stop()
					}
					inner(w, r.WithContext(ctx))
				})
				for _, path := range []string{"/late", "/gone"} {
					resp, text := get(t, b.plain(), b.URL+path)
					assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, name)
					assert.Equal(t, "Service Unavailable\n", text)
					assert.Empty(t, resp.Header.Values("Retry-After"), name)
				}
			})
		}
	})
}

// A handler that heeds its timeout and writes nothing is answered for, without what it had set; what it wrote stays.
func TestHandlerTimeouts(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		tally := breaker.New()
		inner := behind(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Length", "7000")
			w.Header().Set("Outer", "changed")
			switch r.URL.Path {
			case "/early":
				w.Header().Del("Content-Encoding")
				w.Header().Del("Content-Length")
				_, _ = io.WriteString(w, "early")
			case "/header":
				w.Header().Del("Content-Encoding")
				w.Header().Set("Content-Length", "0")
				w.WriteHeader(http.StatusAccepted)
			}
			<-r.Context().Done()
			assert.ErrorIs(t, r.Context().Err(), context.DeadlineExceeded)
		}, timeout.New(20*time.Millisecond), tally)
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Outer", "kept")
			inner(w, r)
		})
		resp, text := get(t, b.plain(), b.URL)
		assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
		assert.Equal(t, "Service Unavailable\n", text)
		assert.Empty(t, resp.Header.Get("Content-Encoding"))
		assert.Empty(t, resp.Header.Values("Retry-After"))
		assert.Equal(t, "kept", resp.Header.Get("Outer"))
		assert.Equal(t, uint64(1), tally.Snapshot().Counts.Failures)

		resp, text = get(t, b.plain(), b.URL+"/early")
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Equal(t, "early", text)
		assert.Equal(t, "changed", resp.Header.Get("Outer"))
		resp, _ = get(t, b.plain(), b.URL+"/header")
		assert.Equal(t, http.StatusAccepted, resp.StatusCode)
		assert.Equal(t, uint64(1), tally.Snapshot().Counts.Failures, "an answer is one, however late")
	})
}

// A client that goes while its request is served is nobody's failure, and the handler's silence is no answer of ours.
func TestHandlerWhoseClientGoes(t *testing.T) {
	tally := breaker.New()
	ctx, cancel := context.WithCancel(t.Context())
	w := httptest.NewRecorder()
	behind(func(http.ResponseWriter, *http.Request) { cancel() }, tally)(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
	counts := tally.Snapshot().Counts
	assert.Zero(t, counts.Calls)
	assert.Empty(t, w.Body.String())
}

// A handler that breaks off because its client has gone, as a reverse proxy does, is nobody's failure; one that breaks off for a client that is
// still there is.
func TestHandlerThatAborts(t *testing.T) {
	tally := breaker.New()
	for _, here := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		inner := behind(func(w http.ResponseWriter, r *http.Request) {
			if !here {
				cancel()
			}
			panic(http.ErrAbortHandler)
		}, tally)
		assert.PanicsWithError(t, http.ErrAbortHandler.Error(), func() {
			inner(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
		})
		cancel()
		assert.Equal(t, breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}, tally.Snapshot().Counts)
	}
}

// Bodies arrive whole, both ways, with trailers.
func TestHandlerBodies(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, behind(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "Sum")
			text, err := io.ReadAll(r.Body) // all of it before the answer, which in HTTP/1.1 ends it
			assert.NoError(t, err)
			_, _ = w.Write(text)
			w.Header().Set("Sum", r.Trailer.Get("Request-Sum"))
		}, bulkhead.New(1), timeout.New(time.Minute), breaker.New()))
		payload := strings.Repeat("payload ", 64<<10)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL, io.NopCloser(strings.NewReader(payload)))
		require.NoError(t, err)
		r.Trailer = http.Header{"Request-Sum": {"42"}}
		resp, err := b.plain().Do(r)
		require.NoError(t, err)
		assert.Len(t, read(t, resp), len(payload))
		assert.Equal(t, "42", resp.Trailer.Get("Sum"))
	})
}

// The files of a form are removed when the request is over, and those around see which pattern it matched, also where a timeout makes
// a request of its own.
func TestHandlerGivesBackWhatTheServerNeeds(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for name, policies := range map[string][]ductile.Policy{"own": {timeout.New(time.Minute)}, "same": nil} {
		t.Run(name, func(t *testing.T) {
			mux := http.NewServeMux()
			mux.HandleFunc("POST /form", func(_ http.ResponseWriter, r *http.Request) {
				if !assert.NoError(t, r.ParseMultipartForm(0)) {
					return
				}
				left, _ := os.ReadDir(os.TempDir())
				assert.NotEmpty(t, left, name)
			})
			inner := behind(mux.ServeHTTP, policies...)
			b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, r *http.Request) {
				inner(w, r)
				assert.Equal(t, "POST /form", r.Pattern, name)
			})
			var form bytes.Buffer
			m := multipart.NewWriter(&form)
			part, err := m.CreateFormFile("file", "name")
			require.NoError(t, err)
			_, _ = part.Write(bytes.Repeat([]byte("x"), 11<<20)) // 10 MiB are kept in memory whatever is asked for
			require.NoError(t, m.Close())
			resp, err := b.plain().Post(b.URL+"/form", m.FormDataContentType(), &form)
			require.NoError(t, err)
			read(t, resp)
			b.Close() // waits for the request's end
			left, err := os.ReadDir(os.TempDir())
			require.NoError(t, err)
			assert.Empty(t, left, name)
		})
	}
}

// What a handler asks of others by its request's context is repeated there as ever.
func TestHandlerLeavesWhatItCallsAlone(t *testing.T) {
	attempts := 0
	behind(func(_ http.ResponseWriter, r *http.Request) {
		_ = ductile.Run(r.Context(), ductile.New("inner", again()), func(context.Context) error {
			attempts++
			return errors.New("down")
		})
	}, timeout.New(time.Minute))(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, 3, attempts)
}

// What makes no sense is refused where the handler is made.
func TestHandlerRefusesNonsense(t *testing.T) {
	next, empty := untouched(t), ductile.New("test")
	for want, nonsense := range map[string]func(){
		"ductilehttp: Handler was given a nil handler":                                    func() { ductilehttp.Handler(nil, empty) },
		"ductilehttp: Handler was given a nil pipeline: make one by ductile.New":          func() { ductilehttp.Handler(next, nil) },
		"ductilehttp: option 1 is nil: leave it out instead":                              func() { ductilehttp.Handler(next, empty, nil) },
		"ductilehttp: OnReject(nil): must be a function that answers a request":           func() { ductilehttp.Handler(next, empty, ductilehttp.OnReject(nil)) },
		"ductilehttp: ClassifyStatus(nil): must be a function from a status to its class": func() { ductilehttp.Handler(next, empty, ductilehttp.ClassifyStatus(nil)) },
		`ductilehttp: Handler: pipeline "test": policy 2 ("retry", a *retry.Policy) repeats calls, and a handler writes its answer once: ` +
			`put it around what the handler calls`: func() { behind(next, breaker.New(), again()) },
		`ductilehttp: Handler: pipeline "test": policy 1 ("fallback", a *fallback.Policy) answers by a value, and a handler writes ` +
			`its answer: write another by OnReject`: func() {
			behind(next, fallback.Run(func(context.Context, error) error { return nil }))
		},
	} {
		assert.PanicsWithError(t, want, nonsense)
	}
}
