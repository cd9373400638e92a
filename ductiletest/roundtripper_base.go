package ductiletest

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
)

// A base is net/http's transport, which the one to be judged is put around. It keeps count.
type base struct {
	under *http.Transport
	idle  atomic.Int64 // how often idle connections were to be closed
	blunt atomic.Bool  // there was a request without an expectation

	mu      sync.Mutex
	calls   int
	busy    int             // how many calls there are now
	meeting int             // how many began while there was another
	errs    []error         // but those of contexts that had ended
	answers []http.Response // as they were given
	bodies  []*watched

	upgraded atomic.Pointer[upgraded] // the body of its last answer 101
}

// RoundTrip sends a request.
func (b *base) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Expect") == "" {
		b.blunt.Store(true)
	}
	b.mu.Lock()
	b.calls++
	if b.busy > 0 {
		b.meeting++
	}
	b.busy++
	b.mu.Unlock()
	answer, err := b.under.RoundTrip(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.busy--
	if err != nil {
		if r.Context().Err() == nil {
			b.errs = append(b.errs, err)
		}
		return answer, err
	}
	given := *answer
	given.Header = answer.Header.Clone()
	b.answers = append(b.answers, given)
	b.watch(r.Context(), answer)
	return answer, nil
}

// CloseIdleConnections closes idle connections.
func (b *base) CloseIdleConnections() {
	b.idle.Add(1)
	b.under.CloseIdleConnections()
}

// count returns how often the base was called.
func (b *base) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

// met returns how many calls began while there was another.
func (b *base) met() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.meeting
}

// given returns its answers as they were given.
func (b *base) given() []http.Response {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.answers)
}

// failures returns what errors it has returned, but to whom had left.
func (b *base) failures() []error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.errs)
}

// open returns how many of its answers nobody has closed, whose contexts go on: the end of a context ends the answer, too.
func (b *base) open() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, body := range b.bodies {
		if !body.closed.Load() && body.ctx.Err() == nil {
			n++
		}
	}
	return n
}

// watch takes note of when the body of an answer is closed. What has nothing to read stays as it is: transports may look for http.NoBody.
func (b *base) watch(ctx context.Context, answer *http.Response) {
	if reflect.TypeOf(answer.Body).Size() == 0 {
		return
	}
	body := &watched{ReadCloser: answer.Body, ctx: ctx}
	b.bodies = append(b.bodies, body)
	answer.Body = body
	if w, ok := body.ReadCloser.(io.Writer); ok {
		b.upgraded.Store(&upgraded{watched: body, Writer: w})
		answer.Body = b.upgraded.Load()
	}
}

// watched is the body of an answer.
type watched struct {
	io.ReadCloser
	ctx    context.Context
	closed atomic.Bool
}

func (w *watched) Close() error {
	w.closed.Store(true)
	return w.ReadCloser.Close()
}

// upgraded is the body of an answer 101. Beyond what net/http owes, it is told where one side is closed, as a connection is.
type upgraded struct {
	*watched
	io.Writer
	half atomic.Bool
}

// CloseWrite takes note.
func (u *upgraded) CloseWrite() error {
	u.half.Store(true)
	return nil
}

// A baseFunc is a base that is a function.
type baseFunc func(*http.Request) (*http.Response, error)

func (f baseFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// nowhere is where nobody listens.
const nowhere = "http://nowhere.example"

// dial makes the connections of a base. A port that was free a moment ago may be another server's by now, so nobody is asked at nowhere.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address == "nowhere.example:80" {
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// quiet is for servers whose clients are rude on purpose.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
