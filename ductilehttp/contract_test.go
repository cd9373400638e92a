package ductilehttp_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// The rest of what net/http promises of a transport, and clients rely on.

// hedged is a pipeline that sends a copy of all that may have one.
func hedged() *ductile.ConcurrentPipeline {
	return ductile.NewConcurrent("test", timeout.New(time.Minute), hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.Unlimited())),
		timeout.New(time.Minute), again())
}

// unreliable answers every other request to a path with a 503.
func unreliable(handler http.HandlerFunc) http.HandlerFunc {
	var requests sync.Map
	return func(w http.ResponseWriter, r *http.Request) {
		n, _ := requests.LoadOrStore(r.URL.Path, new(atomic.Int64))
		if n.(*atomic.Int64).Add(1)%2 == 1 { //nolint:errcheck,forcetypeassert // it is
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		handler(w, r)
	}
}

// http.Client.Timeout ends an attempt, a wait between attempts, and the reading of a body, each as a timeout.
func TestClientTimeout(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/busy":
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			case "/body":
				_, _ = io.WriteString(w, "begun")
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		})
		slow := retry.New(retry.Constant(time.Hour), retry.OverloadBase(time.Hour), retry.NoJitter(), retry.Budget(budget.Unlimited()))
		for _, p := range []ductile.Composed{ductile.New("test", slow, timeout.New(time.Minute)), hedged()} {
			c := b.client(p)
			c.Timeout = 50 * time.Millisecond
			for _, path := range []string{"/", "/busy", "/body"} {
				resp, err := c.Get(b.URL + path)
				if err == nil && path != "/body" { // a wait that cannot be is not begun, and the answer is the 503
					assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
					require.NoError(t, resp.Body.Close())
					continue
				}
				if err == nil {
					_, err = io.ReadAll(resp.Body)
					_ = resp.Body.Close() // fails over HTTP/2, as it does without us
				}
				var late net.Error
				require.ErrorAs(t, err, &late, path)
				assert.True(t, late.Timeout(), "%s: %v", path, err)
			}
		}
	})
}

// Every way in which a timeout of ours ends a request is a timeout to net/url, and every error names it; while reading, too.
func TestEveryTimeoutIsOne(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/body" {
				_, _ = io.WriteString(w, "begun")
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		})
		// Where an answer is to begin in time, it has plenty of it: a busy machine is slow.
		short := func(options ...timeout.Option) *timeout.Policy {
			return timeout.From(func(ctx context.Context) time.Duration {
				if ctx.Value(patient{}) != nil {
					return 2 * time.Second
				}
				return 20 * time.Millisecond
			}, options...)
		}
		var reading sync.WaitGroup
		defer reading.Wait()
		for name, p := range map[string]ductile.Composed{
			"inside of a retry":  ductile.New("test", again(), short()),
			"outside of a retry": ductile.New("test", short(), again()),
			"inside of a hedge":  ductile.NewConcurrent("test", hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.Unlimited())), short()),
			"outside of a hedge": ductile.NewConcurrent("test", short(), hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.Unlimited()))),
			"detached":           ductile.NewConcurrent("test", short(timeout.Detached())),
		} {
			_, err := b.client(p).Get(b.URL)
			var asked *url.Error
			require.ErrorAs(t, err, &asked, name)
			assert.True(t, asked.Timeout(), "%s: %v", name, err)
			require.ErrorIs(t, err, timeout.ErrExceeded, name)
			require.ErrorIs(t, err, context.DeadlineExceeded, name)

			reading.Go(func() {
				resp, err := b.client(p).Do(request(t, context.WithValue(t.Context(), patient{}, true), b.URL+"/body"))
				if !assert.NoError(t, err, name) {
					return
				}
				_, err = io.ReadAll(resp.Body)
				assert.ErrorIs(t, err, timeout.ErrExceeded, "%s, while reading", name)
				assert.NoError(t, resp.Body.Close())
			})
		}
	})
}

// patient is in the context of a request whose timeout is not short.
type patient struct{}

// A redirect that keeps the body sends it again, with attempts that failed before and after it; and cookies are kept.
func TestRedirectsAndCookies(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, unreliable(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/from" {
				http.SetCookie(w, &http.Cookie{Name: "crumb", Value: "1"}) //nolint:gosec // a test's
				http.Redirect(w, r, "/to", http.StatusPermanentRedirect)
				return
			}
			if crumb, err := r.Cookie("crumb"); assert.NoError(t, err) {
				assert.Equal(t, "1", crumb.Value)
			}
			_, _ = io.Copy(w, r.Body)
		}))
		for _, p := range []ductile.Composed{ductile.New("test", timeout.New(time.Minute), again(), timeout.New(time.Minute)), hedged()} {
			c := b.client(p)
			jar, err := cookiejar.New(nil)
			require.NoError(t, err)
			c.Jar = jar
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, b.URL+"/from", strings.NewReader("payload"))
			require.NoError(t, err)
			resp, err := c.Do(r)
			require.NoError(t, err)
			assert.Equal(t, "payload", read(t, resp))
			assert.Equal(t, "/to", resp.Request.URL.Path)
		}
	})
}

// The hooks of httptrace fire for each attempt, those for answers before the answer among them.
func TestTracesFirePerAttempt(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, unreliable(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</style.css>")
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "ok")
		}))
		var conns, reused, wrote, first, hints atomic.Int64
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(i httptrace.GotConnInfo) {
				conns.Add(1)
				if i.Reused {
					reused.Add(1)
				}
			},
			WroteRequest:         func(httptrace.WroteRequestInfo) { wrote.Add(1) },
			GotFirstResponseByte: func() { first.Add(1) },
			Got1xxResponse:       func(int, textproto.MIMEHeader) error { hints.Add(1); return nil },
		})
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.URL, nil)
		require.NoError(t, err)
		resp, err := b.client(ductile.New("test", timeout.New(time.Minute), again(), timeout.New(time.Minute))).Do(r)
		require.NoError(t, err)
		assert.Equal(t, "ok", read(t, resp))
		assert.Equal(t, int64(2), conns.Load())
		assert.Equal(t, int64(1), reused.Load())
		assert.Eventually(t, func() bool { return wrote.Load() == 2 }, time.Minute, time.Millisecond, "which HTTP/2 may say after the answer")
		assert.Equal(t, int64(2), first.Load())
		assert.Equal(t, int64(1), hints.Load())
	})
}

// What has no body needs no close, and these answers are not closed here: the connection is free, and the contexts are over.
func TestNothingToClose(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			status, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
			w.WriteHeader(status)
		})
		var held context.Context
		watching := roundTripper(func(r *http.Request) (*http.Response, error) {
			held = r.Context()
			return b.base.RoundTrip(r)
		})
		c := &http.Client{Transport: ductilehttp.NewTransport(watching, ductile.New("test", timeout.New(time.Minute), again()))}
		for _, status := range []string{"200", "204", "304", "503"} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				r, err := http.NewRequestWithContext(t.Context(), method, b.URL+"/"+status, nil)
				require.NoError(t, err)
				resp, err := c.Do(r)
				require.NoError(t, err)
				assert.NotNil(t, resp.Body)
				require.Error(t, held.Err(), "%s %s", method, status)
			}
		}
		assert.Equal(t, int64(1), b.conns.Load())
	})
}

// A body is sent only after the server wants it, in each attempt; and where it never wants it, the body is closed unread.
func TestExpectContinue(t *testing.T) {
	var requests atomic.Int64
	b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 || r.URL.Path == "/never" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.Copy(w, r.Body)
	})
	b.base.ExpectContinueTimeout = time.Minute
	for _, test := range []struct{ path, want string }{{"/", "payload"}, {"/never", ""}} {
		body := &recording{Reader: strings.NewReader("payload")}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, b.URL+test.path, body)
		require.NoError(t, err)
		r.Header.Set("Expect", "100-continue")
		r.ContentLength = 7
		var copies []*recording
		r.GetBody = func() (io.ReadCloser, error) {
			copies = append(copies, &recording{Reader: strings.NewReader("payload")})
			return copies[len(copies)-1], nil
		}
		resp, err := b.client(hedged()).Do(r)
		require.NoError(t, err)
		assert.Equal(t, test.want, read(t, resp))
		for _, each := range append(copies, body) {
			assert.Eventually(t, func() bool { return each.closed.Load() > 0 }, time.Minute, time.Millisecond)
		}
		unread, err := io.ReadAll(body)
		require.NoError(t, err)
		assert.Equal(t, "payload", string(unread), "of the attempt that failed")
	}
}

// A request's trailers are those that the caller fills while the body is read: also after a retry.
func TestRequestTrailers(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, unreliable(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, r.Trailer.Get("Sum")) //nolint:gosec // a test's
		}))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, b.URL, nil)
		require.NoError(t, err)
		r.Trailer = http.Header{"Sum": nil}
		sum := 40
		r.GetBody = func() (io.ReadCloser, error) {
			sum++
			return io.NopCloser(&summing{Reader: strings.NewReader("payload"), request: r, sum: strconv.Itoa(sum)}), nil
		}
		r.Body, _ = r.GetBody()
		r.ContentLength = -1
		resp, err := ductilehttp.NewTransport(b.base, ductile.New("test", again(), timeout.New(time.Minute))).RoundTrip(r)
		require.NoError(t, err)
		assert.Equal(t, "42", read(t, resp))
	})
}

// summing sets a trailer at the end of what it reads.
type summing struct {
	io.Reader
	request *http.Request
	sum     string
}

func (s *summing) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil {
		s.request.Trailer.Set("Sum", s.sum)
	}
	return n, err
}

// A body of unknown length, none at all, and http.NoBody arrive as they would without us.
func TestBodiesArriveAsTheyAre(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, unreliable(func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, strconv.FormatInt(r.ContentLength, 10)+" "+string(text))
		}))
		for _, test := range []struct {
			name string
			body io.ReadCloser
			want string
		}{
			{"unknown", io.NopCloser(strings.NewReader("payload")), "-1 payload"},
			{"nil", nil, "0 "},
			{"NoBody", http.NoBody, "0 "},
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, b.URL, nil)
			require.NoError(t, err)
			r.Body = test.body
			if test.name == "unknown" {
				r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("payload")), nil }
			}
			resp, err := ductilehttp.NewTransport(b.base, ductile.New("test", again())).RoundTrip(r)
			require.NoError(t, err)
			assert.Equal(t, test.want, read(t, resp), test.name)
		}
	})
}

// A GetBody that fails is the caller's mistake: it ends the request, and counts for nobody.
func TestGetBodyFails(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var requests atomic.Int64
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusBadGateway)
		})
		mistake := errors.New("the file is gone")
		body := &recording{Reader: strings.NewReader("payload")}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, b.URL, body)
		require.NoError(t, err)
		r.GetBody = func() (io.ReadCloser, error) { return nil, mistake }
		tally := breaker.New()
		_, err = ductilehttp.NewTransport(b.base, ductile.New("test", again(), tally)).RoundTrip(r)
		require.ErrorIs(t, err, mistake)
		assert.Equal(t, int64(1), requests.Load())
		assert.Equal(t, uint64(1), tally.Snapshot().Counts.Failures)
		assert.Eventually(t, func() bool { return body.closed.Load() > 0 }, time.Minute, time.Millisecond)
	})
}

// A request that is not one is refused as the base transport does, without a second attempt, and its body is closed.
func TestRequestsThatAreNone(t *testing.T) {
	for name, spoil := range map[string]func(*http.Request){
		"no URL":    func(r *http.Request) { r.URL = nil },
		"no Header": func(r *http.Request) { r.Header = nil },
		"no host":   func(r *http.Request) { r.URL.Host = "" },
		"method":    func(r *http.Request) { r.Method = "not one" },
		"header":    func(r *http.Request) { r.Header["bad name"] = []string{"x"} },
	} {
		retries := 0
		p := ductile.New("test", again(retry.OnRetry(func(retry.Event) { retries++ })))
		fresh := func() (*http.Request, *recording) {
			body := &recording{Reader: strings.NewReader("payload")}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://localhost", body)
			require.NoError(t, err)
			r.GetBody = func() (io.ReadCloser, error) { return body, nil }
			spoil(r)
			return r, body
		}
		bare, _ := fresh()
		_, want := new(http.Transport).RoundTrip(bare)
		r, body := fresh()
		_, err := ductilehttp.NewTransport(new(http.Transport), p).RoundTrip(r)
		assert.Equal(t, want, err, name)
		assert.Zero(t, retries, name)
		assert.Equal(t, int64(1), body.closed.Load(), name)
	}
}

// Request.Close is heeded: each attempt has a connection of its own.
func TestRequestClose(t *testing.T) {
	b := serve(t, "HTTP/1.1", unreliable(func(_ http.ResponseWriter, r *http.Request) { assert.True(t, r.Close) }))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL, nil)
	require.NoError(t, err)
	r.Close = true
	resp, err := b.client(ductile.New("test", again())).Do(r)
	require.NoError(t, err)
	read(t, resp)
	assert.Equal(t, int64(2), b.conns.Load())
}

// A CONNECT is sent once, as it is.
func TestConnect(t *testing.T) {
	var requests atomic.Int64
	b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, http.MethodConnect, r.Method)
		assert.Equal(t, "there:443", r.Host)
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_ = http.NewResponseController(w).EnableFullDuplex()
		_ = http.NewResponseController(w).Flush()
		_, _ = io.Copy(w, r.Body)
	})
	for _, want := range []int{http.StatusBadGateway, http.StatusOK} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodConnect, b.URL, nil)
		require.NoError(t, err)
		r.Host, r.URL.Path = "there:443", ""
		resp, err := ductilehttp.NewTransport(b.base, hedged()).RoundTrip(r)
		require.NoError(t, err)
		assert.Equal(t, want, resp.StatusCode)
		require.NoError(t, resp.Body.Close())
	}
	assert.Equal(t, int64(2), requests.Load(), "once each")
}

// A body may be closed while it is read, which ends the reading.
func TestCloseWhileReading(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "begun")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		for _, p := range []ductile.Composed{ductile.New("test", timeout.New(time.Minute), again(), timeout.New(time.Minute)), hedged()} {
			resp, err := b.client(p).Get(b.URL)
			require.NoError(t, err)
			begun := make(chan struct{})
			read := make(chan error, 1)
			go func() {
				_, err := io.ReadFull(resp.Body, make([]byte, 5))
				assert.NoError(t, err)
				close(begun)
				_, err = io.ReadAll(resp.Body)
				read <- err
			}()
			<-begun
			require.NoError(t, resp.Body.Close())
			require.Error(t, <-read)
			require.NoError(t, resp.Body.Close(), "again")
		}
	})
}

// A failed answer whose body stalls is not waited for, compressed or not.
func TestAnAnswerThatStallsIsDropped(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var requests atomic.Int64
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			if requests.Add(1)%2 == 0 {
				_, _ = io.WriteString(w, "ok")
				return
			}
			var to io.Writer = w
			if r.URL.Path == "/gzip" {
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				defer z.Flush() //nolint:errcheck // nobody waits for it
				to = z
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(to, "begun")
			if z, ok := to.(*gzip.Writer); ok {
				_ = z.Flush()
			}
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		for _, path := range []string{"/", "/gzip"} {
			_, text := get(t, b.client(ductile.New("test", again())), b.URL+path)
			assert.Equal(t, "ok", text)
		}
	})
}

// Losers of hedges cost HTTP/1.1 a connection each while they run, and none afterwards.
func TestLosersLeaveNoConnection(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var requests, running atomic.Int64
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			running.Add(1)
			defer running.Add(-1)
			if requests.Add(1)%2 == 1 {
				if requests.Load()%4 == 1 { // half of them have begun to answer
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
				return
			}
			_, _ = io.WriteString(w, "ok")
		})
		c := b.client(ductile.NewConcurrent("test", hedge.New(hedge.After(time.Millisecond), hedge.Budget(budget.Unlimited()))),
			ductilehttp.Drain(1<<10, time.Millisecond))
		for range 20 {
			resp, err := c.Get(b.URL)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}
		c.CloseIdleConnections()
		assert.Eventually(t, func() bool { return running.Load() == 0 }, time.Minute, time.Millisecond)
	})
}

// A reverse proxy works with the transport, and so do the connections that are upgraded through it.
func TestReverseProxy(t *testing.T) {
	origin := serve(t, "HTTP/1.1", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			_, _ = io.Copy(w, r.Body)
			return
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer conn.Close() //nolint:errcheck // a test's
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		time.Sleep(1100 * time.Millisecond) // longer than the timeout of the pipeline
		line, _ := rw.ReadString('\n')
		_, _ = rw.WriteString(line)
		_ = rw.Flush()
	})
	target, err := url.Parse(origin.URL)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: ductilehttp.NewTransport(origin.base, ductile.New("test", again(), timeout.New(time.Second))),
	}
	front := httptest.NewServer(proxy)
	defer front.Close()
	base := new(http.Transport)
	defer base.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, front.URL, nil)
	require.NoError(t, err)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	resp, err := base.RoundTrip(r)
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

// An answer's Request is the one that was sent, as the base transport says it.
func TestTheAnswersRequest(t *testing.T) {
	b := serve(t, "HTTP/1.1", func(http.ResponseWriter, *http.Request) {})
	var sent *http.Request
	watching := roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = r
		return b.base.RoundTrip(r)
	})
	resp, err := ductilehttp.NewTransport(watching, ductile.New("test")).RoundTrip(request(t, t.Context(), b.URL))
	require.NoError(t, err)
	read(t, resp)
	assert.Equal(t, sent, resp.Request)
}
