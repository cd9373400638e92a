package ductilehttp

import (
	"context"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/ductile-go/ductile"
)

// aheadBytes is how much of a failed answer is read ahead: more than errors have to say, and little where ten thousand calls fail at once.
const aheadBytes = 16 << 10

// repeats reports whether a pipeline may make further attempts.
func repeats(p ductile.Composed) bool {
	return slices.ContainsFunc(p.Policies(), func(policy ductile.Policy) bool {
		switch policy.(type) {
		case ductile.Retrier, ductile.Hedger, ductile.Middleware:
			return true
		default:
			return false
		}
	})
}

// readAhead reads a small answer that failed, and gives its connection back: before the retry waits, for its context may end during the wait,
// and the connection with it. The answer may have to be returned after all, so nothing is lost: what does not come soon goes on being read,
// by a goroutine that ends with the body or with the context.
func (t *Transport) readAhead(ctx context.Context, answer *http.Response) {
	b := tied(answer)
	if b == nil || answer.StatusCode == http.StatusSwitchingProtocols || answer.ContentLength > aheadBytes || len(answer.Trailer) > 0 {
		return
	}
	a := &ahead{body: b, done: make(chan struct{})}
	answer.Body = a
	go a.read()
	timer := time.NewTimer(t.drainTime)
	defer timer.Stop()
	select {
	case <-a.done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// An ahead is a body that is read before anybody asks for it.
type ahead struct {
	*body
	done chan struct{} // closed when reading ahead has ended

	// What follows is read's until done is closed, and then the reader's.
	came     []byte
	err      error // how the body ended, nil where it has not
	panicked any
}

// read reads what it may. A body that has ended is closed, and its connection free.
func (a *ahead) read() {
	defer close(a.done)
	defer func() { a.panicked = recover() }()
	came := make([]byte, 0, 512)
	for len(came) < aheadBytes {
		came = slices.Grow(came, 512)
		n, err := a.body.Read(came[len(came):cap(came)])
		came = came[:len(came)+n]
		a.came = came
		if err != nil {
			a.err = err
			_ = a.body.Close() // whoever reads has all there was
			return
		}
	}
}

// Read returns what was read ahead, and then what follows.
func (a *ahead) Read(p []byte) (int, error) {
	<-a.done
	switch {
	case len(a.came) > 0:
		n := copy(p, a.came)
		a.came = a.came[n:]
		return n, nil
	case a.panicked != nil:
		panic(a.panicked) // as it would have been without reading ahead
	case a.err != nil:
		return 0, a.err
	default:
		return a.body.Read(p)
	}
}

// Close closes the body, where reading ahead has not done so.
func (a *ahead) Close() error {
	select {
	case <-a.done:
		if a.err != nil {
			return nil //nolint:nilerr // it is how the body ended, and it was closed then
		}
	default:
	}
	return a.body.Close()
}

// complete reports whether nothing has to be read any more.
func (a *ahead) complete() bool {
	select {
	case <-a.done:
		return a.err == io.EOF //nolint:errorlint // itself, as readers compare it
	default:
		return false
	}
}
