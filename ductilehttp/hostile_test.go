package ductilehttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
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
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// A misdeed is what the hostile server does with one request. It reports whether the connection can be used again.
type misdeed struct {
	name string
	do   func(conn *net.TCPConn, gone <-chan struct{}) (again bool)
}

// says answers with bytes as they are, and leaves the connection open.
func says(name, text string) misdeed {
	return misdeed{name, func(conn *net.TCPConn, _ <-chan struct{}) bool {
		_, err := io.WriteString(conn, text)
		return err == nil
	}}
}

// breaks answers with bytes as they are, and closes the connection.
func breaks(name, text string) misdeed {
	return misdeed{name, func(conn *net.TCPConn, _ <-chan struct{}) bool {
		_, _ = io.WriteString(conn, text)
		return false
	}}
}

// stalls answers with bytes as they are, and then says nothing more.
func stalls(name, text string) misdeed {
	return misdeed{name, func(conn *net.TCPConn, gone <-chan struct{}) bool {
		_, _ = io.WriteString(conn, text)
		heard := make(chan struct{})
		go func() {
			_, _ = conn.Read(make([]byte, 1)) // until the client has had enough
			close(heard)
		}()
		select {
		case <-heard:
		case <-gone:
			_ = conn.Close()
			<-heard
		}
		return false
	}}
}

func misdeeds() []misdeed {
	const busy = "HTTP/1.1 503 Service Unavailable\r\n"
	return []misdeed{
		says("good", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
		says("good", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n2\r\nok\r\n0\r\nSum: 42\r\n\r\n"),
		says("nothing", "HTTP/1.1 204 No Content\r\n\r\n"),
		says("busy", busy+"Content-Length: 4\r\n\r\nbusy"),
		says("hints and continues", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 3)+"HTTP/1.1 100 Continue\r\n\r\n"+
			"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
		says("a redirect to itself", "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
		says("the year 9999", busy+"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n"),
		says("yesterday", busy+"Retry-After: Mon, 01 Jan 0001 00:00:00 GMT\r\nDate: Fri, 31 Dec 9999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n"),
		says("a negative wait", busy+"Retry-After: -9223372036854775808\r\nContent-Length: 0\r\n\r\n"),
		says("no number", busy+"Retry-After: NaN\r\nContent-Length: 0\r\n\r\n"),
		says("thousands of values", busy+strings.Repeat("Retry-After: 1\r\n", 3000)+"Content-Length: 0\r\n\r\n"),
		says("a megabyte of Retry-After", busy+"Retry-After: "+strings.Repeat("9", 1<<20)+"\r\nContent-Length: 0\r\n\r\n"),
		says("unasked", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"),
		breaks("no answer", ""),
		breaks("half a header", "HTTP/1.1 200 OK\r\nContent-Le"),
		breaks("no HTTP", "\x00\x01\x02 what?\r\n\r\n"),
		breaks("truncated", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun"),
		breaks("truncated, busy", busy+"Content-Length: 1000\r\n\r\nbegun"),
		breaks("a bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
		breaks("a huge chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx"),
		breaks("a lie about gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"),
		breaks("too many continues", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000)),
		breaks("an upgrade that nobody wanted", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello"),
		breaks("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok"),
		stalls("no answer", ""),
		stalls("half a header", "HTTP/1.1 200 OK\r\nContent-"),
		stalls("half a body", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun"),
		stalls("busy, and half a body", busy+"Content-Length: 1000\r\n\r\nbegun"),
		stalls("an upgrade that nobody wanted", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
		{"reset", func(conn *net.TCPConn, _ <-chan struct{}) bool {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun")
			_ = conn.SetLinger(0)
			return false
		}},
	}
}

// hostile is a server that misbehaves at random, from a seed.
type hostile struct {
	listener net.Listener
	gone     chan struct{} // closed when it stops
	conns    sync.WaitGroup
	open     atomic.Int64
	most     atomic.Int64 // connections at once
	did      []atomic.Int64
	misdeeds []misdeed
}

func newHostile(t *testing.T, seed uint64) *hostile {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	h := &hostile{listener: l, gone: make(chan struct{}), misdeeds: misdeeds()}
	h.did = make([]atomic.Int64, len(h.misdeeds))
	h.conns.Go(func() {
		for n := uint64(0); ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			h.conns.Go(func() { h.serve(conn.(*net.TCPConn), rand.New(rand.NewPCG(seed, n))) }) //nolint:errcheck,forcetypeassert // a TCP listener's
		}
	})
	return h
}

func (h *hostile) serve(conn *net.TCPConn, random *rand.Rand) {
	defer h.open.Add(-1)
	defer conn.Close() //nolint:errcheck // a test's
	for n := h.open.Add(1); ; {
		if most := h.most.Load(); n <= most || h.most.CompareAndSwap(most, n) {
			break
		}
	}
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if random.IntN(4) > 0 { // sometimes the request's body is left unread
			_, _ = io.Copy(io.Discard, r.Body)
		}
		i := random.IntN(len(h.misdeeds))
		if random.IntN(2) == 0 {
			i = 0
		}
		h.did[i].Add(1)
		if !h.misdeeds[i].do(conn, h.gone) {
			return
		}
	}
}

func (h *hostile) stop() {
	close(h.gone)
	_ = h.listener.Close()
	h.conns.Wait()
}

// Ten thousand requests through all policies to a server that does all that a server should not, with callers who leave at any moment, who
// read an answer, part of it or nothing: no hang, no panic, no goroutine or connection left, and every permit comes back.
func TestHostileServer(t *testing.T) {
	const callers, each = 200, 50
	h := newHostile(t, 1)
	base := &http.Transport{MaxResponseHeaderBytes: 2 << 20, MaxIdleConnsPerHost: 50}
	slots := bulkhead.New(100, bulkhead.Queue(callers, time.Second))
	tally := breaker.New(breaker.FailureRate(0.95), breaker.OpenTime(time.Millisecond), breaker.OpenTimeGrowth(1, time.Millisecond))
	policies := []ductile.Policy{
		timeout.New(3 * time.Second),
		retry.New(retry.Constant(time.Millisecond), retry.OverloadBase(time.Millisecond), retry.Budget(budget.Unlimited())),
		tally, slots, timeout.New(100 * time.Millisecond),
	}
	quick := hedge.New(hedge.After(20*time.Millisecond), hedge.Budget(budget.Unlimited()))
	transports := []http.RoundTripper{
		ductilehttp.NewTransport(base, ductile.New("serial", policies...)),
		ductilehttp.NewTransport(base, ductile.NewConcurrent("inner", append(append([]ductile.Policy{}, policies[:4]...), quick, policies[4])...)),
		ductilehttp.NewTransport(base, ductile.NewConcurrent("outer", append([]ductile.Policy{policies[0], quick}, policies[1:]...)...),
			ductilehttp.Drain(1<<10, time.Millisecond)),
		ductilehttp.NewTransport(base, ductile.NewConcurrent("detached", slots, timeout.New(100*time.Millisecond, timeout.Detached()))),
	}
	var answers, failures atomic.Int64
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(2, uint64(caller)))
			for i := range each {
				c := &http.Client{Transport: transports[random.IntN(len(transports))]}
				if random.IntN(8) == 0 {
					c.Timeout = time.Duration(1+random.IntN(300)) * time.Millisecond
				}
				if use(t, c, "http://"+h.listener.Addr().String(), fmt.Sprintf("%d/%d", caller, i), random) {
					answers.Add(1)
				} else {
					failures.Add(1)
				}
			}
		})
	}
	wg.Wait()
	assert.Equal(t, int64(callers*each), answers.Load()+failures.Load())
	assert.NotZero(t, answers.Load())
	assert.NotZero(t, failures.Load())
	served := int64(0)
	for i := range h.did {
		served += h.did[i].Load()
		assert.NotZero(t, h.did[i].Load(), h.misdeeds[i].name)
	}
	assert.Less(t, h.most.Load(), int64(1000), "connections at once: twice the slots, those that wait for a request, and some that are being closed")
	assert.Eventually(t, func() bool { return slots.Snapshot().InFlight == 0 }, time.Minute, time.Millisecond)
	base.CloseIdleConnections()
	assert.Eventually(t, func() bool { return h.open.Load() == 0 }, time.Minute, time.Millisecond, "connections left open by the client")
	h.stop()
	goleak.VerifyNone(t)
	t.Logf("%d attempts reached the server: %d answers, %d failures, at most %d connections at once",
		served, answers.Load(), failures.Load(), h.most.Load())
}

// use makes a request of a random kind, and uses its answer, if there is one, in a random way.
func use(t *testing.T, c *http.Client, url, id string, random *rand.Rand) (answered bool) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if random.IntN(4) == 0 {
		leave := time.AfterFunc(time.Duration(random.IntN(200))*time.Millisecond, cancel)
		defer leave.Stop()
	}
	method := []string{http.MethodGet, http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost}[random.IntN(5)]
	var body io.Reader
	if method == http.MethodPut || method == http.MethodPost {
		body = strings.NewReader(strings.Repeat(id, random.IntN(5000)))
	}
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if !assert.NoError(t, err) {
		return false
	}
	if random.IntN(5) == 0 {
		r.Header.Set("Expect", "100-continue")
	}
	r.Header.Set("Request-Number", strconv.Itoa(random.Int()))
	resp, err := c.Do(r)
	if err != nil {
		if resp != nil { // http.Client returns the last answer of too many redirects, closed
			assert.ErrorContains(t, err, "redirects")
		}
		assert.NotEmpty(t, err.Error())
		return false
	}
	switch n := random.IntN(4); {
	case n == 0, resp.StatusCode == http.StatusSwitchingProtocols: // which net/http has given away, and no context ends any more
	case n == 1:
		_, _ = io.CopyN(io.Discard, resp.Body, 3)
	default:
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	_ = resp.Body.Close()
	return true
}
