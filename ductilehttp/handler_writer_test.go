package ductilehttp_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/timeout"
)

// A panic ends the request as it does without a pipeline, and its permit comes back.
func TestHandlerPanics(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		panicking(t, protocol, http.ErrAbortHandler)
		panicking(t, protocol, errors.New("broken"))
	})
}

// streamID differs from one request to the next.
var streamID = regexp.MustCompile(`stream ID \d+; `)

func panicking(t *testing.T, protocol string, value error) {
	t.Helper()
	t.Run(value.Error(), func(t *testing.T) {
		guard, tally := bulkhead.New(1), breaker.New()
		panics := func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("written") {
				_, _ = io.WriteString(w, "begun")
				_ = http.NewResponseController(w).Flush()
			}
			panic(value)
		}
		inner := behind(panics, guard, timeout.New(time.Minute), tally)
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				got := recover()
				if r.URL.Path == "/with" || got != nil {
					assert.Equal(t, value, got)
					panic(http.ErrAbortHandler) // which is not logged
				}
			}()
			if r.URL.Path == "/without" {
				panics(w, r)
			} else {
				inner(w, r)
			}
		})
		for _, query := range []string{"", "?written"} {
			var ends []string
			for _, path := range []string{"/with", "/without"} {
				resp, err := b.plain().Get(b.URL + path + query)
				if err == nil {
					_, err = io.ReadAll(resp.Body)
					_ = resp.Body.Close()
				}
				require.Error(t, err)
				_, text, _ := strings.Cut(err.Error(), "\": ") // without the URL
				ends = append(ends, streamID.ReplaceAllString(text, ""))
			}
			assert.Equal(t, ends[1], ends[0])
		}
		assert.Zero(t, guard.Snapshot().InFlight)
		assert.Equal(t, uint64(2), tally.Snapshot().Counts.Failures)
	})
}

// What is flushed arrives while the handler still runs.
func TestHandlerStreams(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		for name, flush := range map[string]func(http.ResponseWriter){
			"Flusher":    func(w http.ResponseWriter) { w.(http.Flusher).Flush() }, //nolint:errcheck // it is what is tested
			"controller": func(w http.ResponseWriter) { assert.NoError(t, http.NewResponseController(w).Flush()) },
		} {
			t.Run(name, func(t *testing.T) {
				arrived := make(chan struct{})
				b := serve(t, protocol, behind(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.WriteString(w, "one\n")
					flush(w)
					select {
					case <-arrived:
					case <-r.Context().Done():
					}
					_, _ = io.WriteString(w, "two\n")
				}, bulkhead.New(1), timeout.New(time.Minute)))
				resp, err := b.plain().Get(b.URL)
				require.NoError(t, err)
				body := bufio.NewReader(resp.Body)
				line, err := body.ReadString('\n')
				require.NoError(t, err)
				assert.Equal(t, "one\n", line)
				close(arrived)
				rest, err := io.ReadAll(body)
				require.NoError(t, err)
				assert.Equal(t, "two\n", string(rest))
				require.NoError(t, resp.Body.Close())
			})
		}
	})
}

// passing is a middleware's writer that has no more than Unwrap, as many have.
type passing struct{ http.ResponseWriter }

func (p passing) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// A hijacked connection is the handler's: nothing is written to it, not even after a timeout, however it was reached.
func TestHandlerHijacks(t *testing.T) {
	for name, wrap := range map[string]func(*writes) http.ResponseWriter{
		"directly": func(w *writes) http.ResponseWriter {
			return struct {
				*writes
				http.Hijacker
			}{w, w.ResponseWriter.(http.Hijacker)} //nolint:errcheck // that of HTTP/1.1 is one
		},
		"through a middleware": func(w *writes) http.ResponseWriter { return w },
	} {
		t.Run(name, func(t *testing.T) {
			tally := breaker.New()
			inner := behind(func(w http.ResponseWriter, r *http.Request) {
				conn, rw, err := http.NewResponseController(w).Hijack()
				if !assert.NoError(t, err) {
					return
				}
				defer func() { _ = conn.Close() }()
				<-r.Context().Done()
				_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				_ = rw.Flush()
			}, timeout.New(20*time.Millisecond), tally)
			over := make(chan int, 1)
			b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, r *http.Request) {
				writes := &writes{ResponseWriter: w}
				inner(wrap(writes), r)
				over <- writes.n
			})
			_, text := get(t, b.plain(), b.URL)
			assert.Equal(t, "ok", text)
			assert.Zero(t, <-over)
			assert.Equal(t, breaker.Counts{Calls: 1}, tally.Snapshot().Counts)
		})
	}
}

// writes counts what is written by ways that a hijacked connection has no longer.
type writes struct {
	http.ResponseWriter
	n int
}

func (w *writes) Unwrap() http.ResponseWriter       { return w.ResponseWriter }
func (w *writes) WriteHeader(status int)            { w.n++; w.ResponseWriter.WriteHeader(status) }
func (w *writes) Write(p []byte) (n int, err error) { w.n++; return w.ResponseWriter.Write(p) }

// Where hijacking fails, the handler can still answer.
func TestHandlerCannotHijackHTTP2(t *testing.T) {
	b := serve(t, "HTTP/2", behind(func(w http.ResponseWriter, _ *http.Request) {
		_, _, err := http.NewResponseController(w).Hijack()
		if assert.ErrorIs(t, err, http.ErrNotSupported) {
			w.WriteHeader(http.StatusNotImplemented)
		}
	}))
	resp, _ := get(t, b.plain(), b.URL)
	assert.Equal(t, http.StatusNotImplemented, resp.StatusCode)
}

// A flush that only http.ResponseController finds, below another middleware, is an answer: none of ours comes after it.
func TestHandlerNotesFlushesBelow(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		inner := behind(func(w http.ResponseWriter, r *http.Request) {
			_, direct := w.(http.Flusher)
			assert.False(t, direct)
			assert.NoError(t, http.NewResponseController(w).Flush())
			<-r.Context().Done()
		}, timeout.New(20*time.Millisecond))
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) { inner(passing{w}, r) })
		resp, text := get(t, b.plain(), b.URL)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Empty(t, text)
	})
}

// Deadlines of the connection and full duplex are reached as without a pipeline.
func TestHandlerDeadlines(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, behind(func(w http.ResponseWriter, _ *http.Request) {
			c := http.NewResponseController(w)
			assert.NoError(t, c.EnableFullDuplex())
			assert.NoError(t, c.SetReadDeadline(time.Now().Add(time.Hour)))
			assert.NoError(t, c.SetWriteDeadline(time.Unix(1, 0)))
			_, _ = io.WriteString(w, "too late")
		}, bulkhead.New(1)))
		resp, err := b.plain().Get(b.URL)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		assert.Error(t, err)
	})
}

// A file goes the way on which the server can send it without copying.
func TestHandlerReadsFrom(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		path := filepath.Join(t.TempDir(), "file")
		want := strings.Repeat("0123456789abcdef", 64<<10)
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
		b := serve(t, protocol, behind(func(w http.ResponseWriter, r *http.Request) {
			_, ok := w.(io.ReaderFrom)
			assert.Equal(t, protocol == "HTTP/1.1", ok)
			http.ServeFile(w, r, path)
		}, bulkhead.New(1), timeout.New(time.Minute)))
		_, text := get(t, b.plain(), b.URL)
		assert.Empty(t, strings.TrimPrefix(text, want))
		assert.Len(t, text, len(want))
	})
}

// has says what a ResponseWriter implements.
func has(w http.ResponseWriter) (set [4]bool) {
	_, set[0] = w.(http.Flusher)
	_, set[1] = w.(http.Hijacker)
	_, set[2] = w.(io.ReaderFrom)
	_, set[3] = w.(http.Pusher)
	return set
}

// It implements what the server's does: over every protocol.
func TestHandlerImplementsWhatTheServerDoes(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var bare [4]bool
		inner := behind(func(w http.ResponseWriter, _ *http.Request) { assert.Equal(t, bare, has(w)) })
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			bare = has(w)
			inner(w, r)
		})
		get(t, b.plain(), b.URL)
	})
}

// each notes which of its methods was called.
type each struct{ called *[]string }

func (e each) note(name string)                     { *e.called = append(*e.called, name) }
func (e each) Flush()                               { e.note("flush") }
func (e each) ReadFrom(io.Reader) (int64, error)    { e.note("read"); return 0, nil }
func (e each) Push(string, *http.PushOptions) error { e.note("push"); return nil }
func (e each) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	e.note("hijack")
	return nil, nil, nil
}

// Every combination of the four has its type, whose methods reach the writer's own.
func TestHandlerImplementsEveryCombination(t *testing.T) {
	type (
		W = http.ResponseWriter
		f = http.Flusher
		h = http.Hijacker
		r = io.ReaderFrom
		p = http.Pusher
	)
	var called []string
	e, plain := each{&called}, passing{httptest.NewRecorder()}
	writers := []http.ResponseWriter{
		plain,
		struct {
			W
			f
		}{plain, e},
		struct {
			W
			h
		}{plain, e},
		struct {
			W
			f
			h
		}{plain, e, e},
		struct {
			W
			r
		}{plain, e},
		struct {
			W
			f
			r
		}{plain, e, e},
		struct {
			W
			h
			r
		}{plain, e, e},
		struct {
			W
			f
			h
			r
		}{plain, e, e, e},
		struct {
			W
			p
		}{plain, e},
		struct {
			W
			f
			p
		}{plain, e, e},
		struct {
			W
			h
			p
		}{plain, e, e},
		struct {
			W
			f
			h
			p
		}{plain, e, e, e},
		struct {
			W
			r
			p
		}{plain, e, e},
		struct {
			W
			f
			r
			p
		}{plain, e, e, e},
		struct {
			W
			h
			r
			p
		}{plain, e, e, e},
		struct {
			W
			f
			h
			r
			p
		}{plain, e, e, e, e},
	}
	for i, w := range writers {
		called = nil
		ran := false
		handler := behind(func(got http.ResponseWriter, _ *http.Request) {
			ran = true
			assert.Equal(t, has(w), has(got), i)
			var want []string
			if f, ok := got.(http.Flusher); ok {
				f.Flush()
				assert.NoError(t, http.NewResponseController(got).Flush())
				want = append(want, "flush", "flush")
			}
			if h, ok := got.(http.Hijacker); ok {
				_, _, err := h.Hijack()
				assert.NoError(t, err)
				want = append(want, "hijack")
			}
			if r, ok := got.(io.ReaderFrom); ok {
				_, err := r.ReadFrom(nil)
				assert.NoError(t, err)
				want = append(want, "read")
			}
			if p, ok := got.(http.Pusher); ok {
				assert.NoError(t, p.Push("", nil))
				want = append(want, "push")
			}
			assert.Equal(t, want, called, i)
		})
		handler(w, httptest.NewRequest(http.MethodGet, "/", nil))
		assert.True(t, ran)
	}
}

// failing cannot flush.
type failing struct{ http.ResponseWriter }

func (failing) Flush()            {}
func (failing) FlushError() error { return errors.New("broken pipe") }

// The error of a flush reaches the handler.
func TestHandlerKeepsTheErrorOfAFlush(t *testing.T) {
	behind(func(w http.ResponseWriter, _ *http.Request) {
		assert.EqualError(t, http.NewResponseController(w).Flush(), "broken pipe")
	})(failing{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/", nil))
}

// Flush calls the writer's own Flush, and ReadFrom is an answer.
func TestHandlerFlushesAndReadsAsTheWriterDoes(t *testing.T) {
	var called []string
	type errorFlusher interface{ FlushError() error }
	e, tally := each{&called}, breaker.New()
	behind(func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.(io.ReaderFrom).ReadFrom(nil) //nolint:errcheck // it is one
		assert.NoError(t, err)
		w.(http.Flusher).Flush() //nolint:errcheck // it is one
		w.WriteHeader(http.StatusInternalServerError)
	}, tally)(struct {
		passing
		io.ReaderFrom
		http.Flusher
		errorFlusher
	}{passing{httptest.NewRecorder()}, e, e, failing{}}, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, []string{"read", "flush"}, called)
	assert.Equal(t, breaker.Counts{Calls: 1}, tally.Snapshot().Counts)
}
