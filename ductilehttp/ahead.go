package ductilehttp

import (
	"context"
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
	b, most := tied(answer), min(aheadBytes, t.drainBytes)
	if b == nil || answer.StatusCode == http.StatusSwitchingProtocols || answer.ContentLength > most || most == 0 || len(answer.Trailer) > 0 {
		return
	}
	a := &ahead{body: b, most: int(most), done: make(chan struct{})}
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
	most int           // how much is read ahead
	done chan struct{} // closed when that has ended

	// What follows is read's until done is closed, and then the reader's.
	came     []byte
	err      error // how the body ended, nil where it has not
	late     bool  // it ended because its context did
	panicked any
}

// read reads what it may. A body that has ended is closed, and its connection free.
func (a *ahead) read() {
	defer func() {
		if a.err != nil {
			a.release() // not before it is known whether the context had ended by itself
		}
	}()
	defer close(a.done)
	defer func() { a.panicked = recover() }()
	const chunk = 512
	for len(a.came) < a.most {
		a.came = slices.Grow(a.came, chunk)
		n, err := a.ReadCloser.Read(a.came[len(a.came):cap(a.came)])
		a.came = a.came[:len(a.came)+n]
		if err != nil {
			a.late, a.err = a.ctx.Err() != nil, a.explained(err)
			_ = a.ReadCloser.Close() // whoever reads has all there was
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
	if a.complete() {
		return nil
	}
	return a.body.Close()
}

// complete reports whether the body has ended, and needs its context no more.
func (a *ahead) complete() bool {
	select {
	case <-a.done:
		return a.err != nil
	default:
		return false
	}
}
