package benchmarks

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/timeout"
)

// A site is a handler that answers at once. It asks for Done before, as one that calls a database does.
type site struct{ reached atomic.Uint64 }

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
		return
	default:
	}
	s.reached.Add(1)
	_, _ = io.WriteString(w, text) // who reads it counts
}

// A sink is a ResponseWriter that keeps nothing, and can what that of a server of HTTP/1.1 can.
type sink struct {
	header  http.Header
	written int
}

func (s *sink) Header() http.Header                  { return s.header }
func (s *sink) WriteHeader(int)                      {}
func (s *sink) Flush()                               {}
func (s *sink) Write(p []byte) (int, error)          { s.written += len(p); return len(p), nil }
func (s *sink) WriteString(text string) (int, error) { s.written += len(text); return len(text), nil }
func (s *sink) ReadFrom(r io.Reader) (int64, error)  { return io.Copy(io.Discard, r) }
func (s *sink) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrNotSupported
}

// handled makes requests of the site by a handler around it, without a network. Their context can be canceled, as that of a server's can.
func (s *site) handled(by http.Handler, check func(int) error) Caller {
	ctx, cancel := context.WithCancel(context.Background())
	r := must(http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost", http.NoBody))
	return Caller{
		Calls: func(n int) error {
			w := &sink{header: http.Header{}}
			for range n {
				by.ServeHTTP(w, r)
			}
			return want("bytes", n*len(text), uint(w.written))
		},
		Check: func(n int) error { return errors.Join(want("requests", n, s.reached.Load()), check(n)) },
		Stop:  cancel,
	}
}

// newHandler returns a handler of ours: what a server has that is full, or late.
func newHandler(next http.Handler) (http.Handler, *bulkhead.Bulkhead) {
	h := bulkhead.New(permits())
	return ductilehttp.Handler(next, ductile.New("stock", h, timeout.New(attemptTime))), h
}

func handled() Caller {
	s := new(site)
	h, b := newHandler(s)
	return s.handled(h, empty(b))
}

func handledTimeout() Caller {
	s := new(site)
	return s.handled(ductilehttp.Handler(s, ductile.New("stock", timeout.New(attemptTime))), nothing)
}

func handledBulkhead() Caller {
	s, b := new(site), bulkhead.New(permits())
	return s.handled(ductilehttp.Handler(s, ductile.New("stock", b)), empty(b))
}

// handledLoopback makes requests of a real server, whose handler is ours.
func handledLoopback() Caller {
	s := new(site)
	h, b := newHandler(s)
	o := serve(s, h)
	return o.requests(o.base, empty(b))
}

// empty fails where a permit of a bulkhead has not come back, or a call was refused.
func empty(b *bulkhead.Bulkhead) func(int) error {
	return func(int) error {
		s := b.Snapshot()
		return errors.Join(want("permits out", 0, s.InFlight), want("refusals", 0, s.Rejected))
	}
}
