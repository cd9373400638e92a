package benchmarks

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// text is what HTTP servers answer.
const text = "4711: 42 left\n"

// An origin is where requests go: to a real server over one connection that is kept, or nowhere.
type origin struct {
	base    http.RoundTripper
	url     string
	reached *atomic.Uint64 // by how many requests
	stop    func()         // nil where nothing is left
}

// loopback returns a real server and a transport of net/http for it.
func loopback() origin {
	s := new(site)
	return serve(s, s)
}

// serve returns a real server of a site by a handler, which is the site itself or one around it.
func serve(s *site, by http.Handler) origin {
	server, base := httptest.NewServer(by), new(http.Transport)
	return origin{base, server.URL, &s.reached, func() {
		base.CloseIdleConnections()
		server.Close()
	}}
}

// memory returns a transport that has the answer at hand: what remains of a call is what policies cost.
func memory() origin {
	c := new(canned)
	return origin{c, "http://localhost", &c.reached, nil}
}

// A canned transport answers at once. It asks for Done before, as that of net/http does.
type canned struct{ reached atomic.Uint64 }

// A cannedAnswer is an answer and its body, on the heap together.
type cannedAnswer struct {
	http.Response
	body cannedBody
}

// A cannedBody is read in one piece.
type cannedBody struct{ read bool }

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	default:
	}
	c.reached.Add(1)
	a := new(cannedAnswer)
	a.Response = http.Response{StatusCode: http.StatusOK, ContentLength: int64(len(text)), Body: &a.body, Request: r}
	return &a.Response, nil
}

func (b *cannedBody) Read(p []byte) (int, error) {
	if b.read {
		return 0, io.EOF
	}
	b.read = true
	return copy(p, text), nil
}

func (b *cannedBody) Close() error { return nil }

// requests makes requests through a transport, and reads and closes the body of each answer. They are the same request again and again,
// which a transport allows: what a new one costs is nobody's policy.
func (o origin) requests(through http.RoundTripper, check func(int) error) Caller {
	r := must(http.NewRequestWithContext(context.Background(), http.MethodGet, o.url, http.NoBody))
	return Caller{
		Calls: func(n int) error {
			buffer, sum := make([]byte, 2*len(text)), 0
			for range n {
				answer, err := through.RoundTrip(r)
				if err != nil {
					return err
				}
				length, err := io.ReadFull(answer.Body, buffer)
				sum += length
				if errors.Is(err, io.ErrUnexpectedEOF) { // which is its end
					err = nil
				}
				if err := errors.Join(err, answer.Body.Close()); err != nil {
					return err
				}
			}
			return want("bytes", n*len(text), uint(sum))
		},
		Check: func(n int) error { return errors.Join(want("requests", n, o.reached.Load()), check(n)) },
		Stop:  o.stop,
	}
}

// must returns a request of which nothing can be wrong.
func must(r *http.Request, err error) *http.Request {
	if err != nil {
		panic(err)
	}
	return r
}

// newTransport returns a transport of ours: three attempts with a budget, the breaker of the other paths, a timeout for each attempt.
func newTransport(base http.RoundTripper) (*ductilehttp.Transport, *breaker.Breaker) {
	b := newBreaker()
	return ductilehttp.NewTransport(base, ductile.New("stock", retry.New(), b, timeout.New(attemptTime))), b
}

// transported returns how to make requests through our transport.
func transported(to func() origin) func() Caller {
	return func() Caller {
		o := to()
		t, b := newTransport(o.base)
		return o.requests(t, counted(b))
	}
}

// bare returns how to make them without policies.
func bare(to func() origin) func() Caller {
	return func() Caller {
		o := to()
		return o.requests(o.base, nothing)
	}
}

// nothing is what a side checks that counts nothing.
func nothing(int) error { return nil }
