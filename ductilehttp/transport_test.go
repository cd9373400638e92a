package ductilehttp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// A bench is a real server, and what a client needs to reach it, over one protocol.
type bench struct {
	*httptest.Server
	base  *http.Transport
	conns atomic.Int64
}

// protocols are those that net/http speaks by itself.
var protocols = []string{"HTTP/1.1", "HTTP/2", "h2c"}

// serve starts a server for the time of a test.
func serve(t *testing.T, protocol string, handler http.HandlerFunc) *bench {
	t.Helper()
	b := new(bench)
	b.Server = httptest.NewUnstartedServer(handler)
	b.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			b.conns.Add(1)
		}
	}
	b.base = &http.Transport{}
	switch protocol {
	case "HTTP/2":
		b.EnableHTTP2 = true
		b.StartTLS()
		b.base, _ = b.Client().Transport.(*http.Transport)
	case "h2c":
		b.Config.Protocols = new(http.Protocols)
		b.Config.Protocols.SetUnencryptedHTTP2(true)
		b.base.Protocols = new(http.Protocols)
		b.base.Protocols.SetUnencryptedHTTP2(true)
		b.Start()
	default:
		b.Start()
	}
	t.Cleanup(func() {
		b.base.CloseIdleConnections()
		b.Close()
		goleak.VerifyNone(t)
	})
	return b
}

// client returns a client of a pipeline.
func (b *bench) client(p ductile.Composed, options ...ductilehttp.Option) *http.Client {
	return &http.Client{Transport: ductilehttp.NewTransport(b.base, p, options...)}
}

// again is a retry that does not keep a test waiting.
func again(options ...retry.Option) *retry.Policy {
	return retry.New(append([]retry.Option{retry.Constant(0), retry.OverloadBase(0), retry.Budget(budget.Unlimited())}, options...)...)
}

func everyProtocol(t *testing.T, test func(t *testing.T, protocol string)) {
	t.Helper()
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) { test(t, protocol) })
	}
}

func get(t *testing.T, c *http.Client, url string) (*http.Response, string) {
	t.Helper()
	resp, err := c.Get(url)
	require.NoError(t, err)
	return resp, read(t, resp)
}

func read(t *testing.T, resp *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return string(text)
}

// A blip is repeated on the same connection.
func TestRepeatsOnOneConnection(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var requests atomic.Int64
		b := serve(t, protocol, func(w http.ResponseWriter, _ *http.Request) {
			if requests.Add(1)%2 == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = w.Write(bytes.Repeat([]byte("busy "), 100))
				return
			}
			_, _ = w.Write([]byte("ok"))
		})
		c := b.client(ductile.New("test", again()))
		for range 20 {
			resp, text := get(t, c, b.URL)
			assert.Equal(t, http.StatusOK, resp.StatusCode)
			assert.Equal(t, "ok", text)
		}
		assert.Equal(t, int64(40), requests.Load())
		assert.Equal(t, int64(1), b.conns.Load())
	})
}

// The last answer is returned with its body, whatever it says; also where the breaker refuses the next attempt.
func TestTheLastAnswerIsReturned(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var requests atomic.Int64
		b := serve(t, protocol, func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("come back later"))
		})
		for name, p := range map[string]*ductile.Pipeline{
			"gave up": ductile.New("test", again()),
			"opened":  ductile.New("test", again(), breaker.New(breaker.ConsecutiveFailures(2))),
			"alone":   ductile.New("test"),
		} {
			resp, text := get(t, b.client(p), b.URL)
			assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, name)
			assert.Equal(t, "come back later", text, name)
		}
		assert.Equal(t, int64(3+2+1), requests.Load())
	})
}

// recording notes how the body of a request is used.
type recording struct {
	io.Reader
	closed atomic.Int64
}

func (r *recording) Close() error { r.closed.Add(1); return nil }

// What may be repeated, and what may not; and the caller's body is closed in every case, and the request left as it was.
func TestWhatIsRepeated(t *testing.T) {
	for _, test := range []struct {
		name    string
		method  string
		header  string
		replay  bool // GetBody
		context func(context.Context) context.Context
		want    int64
	}{
		{name: "GET", method: http.MethodGet, want: 3},
		{name: "PUT", method: http.MethodPut, replay: true, want: 3},
		{name: "PUT without GetBody", method: http.MethodPut, want: 1},
		{name: "POST", method: http.MethodPost, replay: true, want: 1},
		{name: "POST with a key", method: http.MethodPost, header: "Idempotency-Key", replay: true, want: 3},
		{name: "POST that is repeatable", method: http.MethodPost, replay: true, context: ductilehttp.Repeatable, want: 3},
		{name: "GET that is not", method: http.MethodGet, context: ductile.Once, want: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			everyProtocol(t, func(t *testing.T, protocol string) {
				var requests atomic.Int64
				b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					if text, _ := io.ReadAll(r.Body); r.Method != http.MethodGet {
						assert.Equal(t, "payload", string(text))
					}
					w.WriteHeader(http.StatusBadGateway)
				})
				ctx := t.Context()
				if test.context != nil {
					ctx = test.context(ctx)
				}
				r, err := http.NewRequestWithContext(ctx, test.method, b.URL, nil)
				require.NoError(t, err)
				body := &recording{Reader: strings.NewReader("payload")}
				if test.method != http.MethodGet {
					r.Body, r.ContentLength = body, 7
				}
				if test.replay {
					r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("payload")), nil }
				}
				if test.header != "" {
					r.Header.Set(test.header, "1")
				}
				before := *r
				tally := breaker.New()
				resp, err := ductilehttp.NewTransport(b.base, ductile.New("test", again(), tally)).RoundTrip(r)
				require.NoError(t, err)
				read(t, resp)
				assert.Equal(t, http.StatusBadGateway, resp.StatusCode)
				assert.Equal(t, test.want, requests.Load())
				assert.Equal(t, uint64(test.want), tally.Snapshot().Counts.Failures, "it counts whether it may be repeated or not")
				assert.Equal(t, before.Body, r.Body)
				if test.method != http.MethodGet {
					assert.Eventually(t, func() bool { return body.closed.Load() > 0 }, time.Minute, time.Millisecond)
				}
			})
		})
	}
}

// A request that never left may be repeated, even a POST.
func TestWhatNeverLeftIsRepeated(t *testing.T) {
	var dials atomic.Int64
	b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	b.base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) < 3 {
			return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("connection refused")}
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	resp, err := b.client(ductile.New("test", again())).Post(b.URL, "text/plain", strings.NewReader("payload"))
	require.NoError(t, err)
	assert.Equal(t, "payload", read(t, resp))
	assert.Equal(t, int64(3), dials.Load())
}

// The body is closed where no attempt could have done it.
func TestRefusedRequestsBodyIsClosed(t *testing.T) {
	isolated := breaker.New()
	isolated.Isolate("test")
	body := &recording{Reader: strings.NewReader("payload")}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost", body)
	require.NoError(t, err)
	_, err = ductilehttp.NewTransport(nil, ductile.New("test", isolated)).RoundTrip(r)
	require.ErrorIs(t, err, breaker.ErrOpen)
	assert.Equal(t, int64(1), body.closed.Load())
}

// The body of an answer can be read long after RoundTrip has returned, with timeouts and hedges around it.
func TestBodyOutlivesTheCall(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		part := strings.Repeat("x", 4<<10)
		b := serve(t, protocol, func(w http.ResponseWriter, _ *http.Request) {
			for range 20 {
				_, _ = io.WriteString(w, part)
				_ = http.NewResponseController(w).Flush()
				time.Sleep(time.Millisecond)
			}
		})
		for name, p := range map[string]ductile.Composed{
			"timeouts": ductile.New("test", timeout.New(time.Minute), again(), timeout.New(time.Minute)),
			"hedge": ductile.NewConcurrent("test", timeout.New(time.Minute),
				hedge.New(hedge.After(0), hedge.Budget(budget.Unlimited())), timeout.New(time.Minute)),
			"detached": ductile.NewConcurrent("test", timeout.New(time.Minute, timeout.Detached())),
		} {
			_, text := get(t, b.client(p), b.URL)
			assert.Len(t, text, 20*len(part), name)
		}
	})
}

// A timeout of the pipeline is a timeout to net/url, and says whose it was; and it limits the reading of the body.
func TestTimeouts(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/body" {
				_, _ = io.WriteString(w, "begun")
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		})
		c := b.client(ductile.New("test", timeout.New(50*time.Millisecond)))
		_, err := c.Get(b.URL)
		var asked *url.Error
		require.ErrorAs(t, err, &asked)
		assert.True(t, asked.Timeout())
		require.ErrorIs(t, err, timeout.ErrExceeded)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		c = b.client(ductile.New("test", timeout.New(time.Second))) // the answer begins in time
		resp, err := c.Get(b.URL + "/body")
		require.NoError(t, err)
		_, err = io.ReadAll(resp.Body)
		require.Error(t, err)
		require.NoError(t, resp.Body.Close())
	})
}

// A GET that hangs has its copy; a PUT and a POST have none.
func TestHedges(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var mu sync.Mutex
		requests := map[string]int{}
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			mu.Lock()
			requests[r.Method]++
			n := requests[r.Method]
			mu.Unlock()
			if n == 1 {
				if r.Method == http.MethodGet {
					<-r.Context().Done()
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			_, _ = io.WriteString(w, "ok")
		})
		c := b.client(ductile.NewConcurrent("test", hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.Unlimited()))))
		for method, want := range map[string]int{http.MethodGet: 2, http.MethodPut: 1, http.MethodPost: 1} {
			r, err := http.NewRequestWithContext(t.Context(), method, b.URL, nil)
			require.NoError(t, err)
			if method != http.MethodGet {
				r, err = http.NewRequestWithContext(t.Context(), method, b.URL, strings.NewReader("payload"))
				require.NoError(t, err)
			}
			resp, err := c.Do(r)
			require.NoError(t, err)
			assert.Equal(t, "ok", read(t, resp))
			mu.Lock()
			assert.Equal(t, want, requests[method], method)
			mu.Unlock()
		}
	})
}

// A HEAD and a 204 have no body to close, and hold nothing.
func TestNothingToRead(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var held context.Context
		b := serve(t, protocol, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
		watching := roundTripper(func(r *http.Request) (*http.Response, error) {
			held = r.Context()
			return b.base.RoundTrip(r)
		})
		c := &http.Client{Transport: ductilehttp.NewTransport(watching, ductile.New("test", timeout.New(time.Minute)))}
		for _, method := range []string{http.MethodHead, http.MethodGet} {
			r, err := http.NewRequestWithContext(t.Context(), method, b.URL, nil)
			require.NoError(t, err)
			_, err = c.Do(r)
			require.NoError(t, err)
			require.Error(t, held.Err(), "over")
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// An upgraded connection is handed over as it is: what is written to it arrives.
func TestUpgrade(t *testing.T) {
	b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		line, _ := rw.ReadString('\n')
		_, _ = rw.WriteString(line)
		_ = rw.Flush()
	})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL, nil)
	require.NoError(t, err)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	resp, err := ductilehttp.NewTransport(b.base, ductile.New("test", timeout.New(time.Minute), again())).RoundTrip(r)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	conn, ok := resp.Body.(io.ReadWriteCloser)
	require.True(t, ok)
	_, err = io.WriteString(conn, "hello\n")
	require.NoError(t, err)
	text, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Equal(t, "hello\n", string(text))
	require.NoError(t, conn.Close())
}

// Trailers come with the end of the body.
func TestTrailers(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", "Sum")
			_, _ = io.WriteString(w, "body")
			w.Header().Set("Sum", "42")
		})
		resp, text := get(t, b.client(ductile.New("test", timeout.New(time.Minute))), b.URL)
		assert.Equal(t, "body", text)
		assert.Equal(t, "42", resp.Trailer.Get("Sum"))
	})
}

// An error of one attempt is the base transport's own, of its own type.
func TestErrorsAreTheBaseTransports(t *testing.T) {
	b := serve(t, "HTTP/1.1", func(http.ResponseWriter, *http.Request) {})
	c := b.client(ductile.New("test", again()))
	_, err := c.Get(strings.Replace(b.URL, "http:", "https:", 1))
	require.ErrorContains(t, err, "server gave HTTP response to HTTPS client")
	_, bare := (&http.Client{Transport: b.base}).Get("gopher://nowhere")
	_, err = c.Get("gopher://nowhere")
	assert.Equal(t, bare, err)
}

// A Retry-After is heeded.
func TestRetryAfterIsHeeded(t *testing.T) {
	var requests atomic.Int64
	b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	var told error
	p := ductile.New("test", again()).With(watch{func(e ductile.AttemptEnded) { told = e.Err }})
	resp, _ := get(t, b.client(p), b.URL)
	assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode, "an hour is more than MaxHint")
	assert.Equal(t, int64(1), requests.Load())
	after, ok := fault.RetryAfter(told)
	assert.True(t, ok)
	assert.Equal(t, time.Hour, after)
	assert.EqualError(t, told, "429 Too Many Requests")
}

type watch struct{ ended func(ductile.AttemptEnded) }

func (w watch) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	return ctx, &watched{ended: w.ended}
}

type watched struct {
	ductile.NopWatch
	ended func(ductile.AttemptEnded)
}

func (w *watched) AttemptEnded(_ context.Context, e ductile.AttemptEnded) { w.ended(e) }

// CloseIdleConnections reaches the base transport.
func TestCloseIdleConnections(t *testing.T) {
	b := serve(t, "HTTP/1.1", func(http.ResponseWriter, *http.Request) {})
	c := b.client(ductile.New("test"))
	get(t, c, b.URL)
	c.CloseIdleConnections()
	get(t, c, b.URL)
	assert.Equal(t, int64(2), b.conns.Load())
}
