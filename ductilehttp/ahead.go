package ductilehttp

import (
	"context"
	"net/http"
	"slices"
	"sync"
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
func (t *Transport) readAhead(ctx context.Context, given *http.Response) *http.Response {
	b, most := tied(given), min(aheadBytes, t.drainBytes)
	if b == nil || given.StatusCode == http.StatusSwitchingProtocols || given.ContentLength > most || most == 0 || len(given.Trailer) > 0 {
		return given
	}
	answer := new(http.Response)
	*answer = *given // trailers that were not announced are written to the one that was given, while it is read
	a := &ahead{body: b, given: given, answer: answer, most: int(most), done: make(chan struct{}), more: make(chan struct{}, 1)}
	answer.Body = a
	go a.read()
	timer := time.NewTimer(t.drainTime)
	defer timer.Stop()
	select {
	case <-a.done:
		a.trail()
	case <-timer.C:
	case <-ctx.Done():
	}
	return answer
}

// An ahead is a body that is read before anybody asks for it.
type ahead struct {
	*body
	most int           // how much is read ahead
	done chan struct{} // closed when that has ended
	more chan struct{} // holds a token when something has come

	given, answer *http.Response // by the base transport, and to the caller

	mu   sync.Mutex
	came []byte // and has not been read

	// What follows is read's until done is closed, and then the reader's.
	err      error // how the body ended, nil where it has not
	late     bool  // it ended because its context did
	panicked any
}

// read reads what it may. A body that has ended is closed, and its connection free.
func (a *ahead) read() {
	defer func() {
		if a.err != nil {
			a.retained.Release() // not before it is known whether the context had ended by itself
		}
	}()
	defer close(a.done)
	defer func() { a.panicked = recover() }()
	chunk := make([]byte, 512)
	for total := 0; total < a.most; {
		n, err := a.ReadCloser.Read(chunk)
		total += n
		a.add(chunk[:n])
		if err != nil {
			a.late, a.err = a.ctx.Err() != nil, a.explained(err)
			_ = a.ReadCloser.Close() // whoever reads has all there was
			return
		}
	}
}

func (a *ahead) add(p []byte) {
	a.mu.Lock()
	a.came = append(a.came, p...)
	a.mu.Unlock()
	select {
	case a.more <- struct{}{}:
	default:
	}
}

// take returns what was read ahead, as far as it has come.
func (a *ahead) take(p []byte) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := copy(p, a.came)
	a.came = a.came[n:]
	return n
}

// Read returns what was read ahead, as it comes, and then what follows.
func (a *ahead) Read(p []byte) (int, error) {
	for ended := false; ; {
		if n := a.take(p); n > 0 || len(p) == 0 {
			return n, nil
		}
		if ended {
			break
		}
		select {
		case <-a.more:
		case <-a.done:
			ended = true
		}
	}
	switch {
	case a.panicked != nil:
		panic(a.panicked) // as it would have been without reading ahead
	case a.err != nil:
		a.trail()
		return 0, a.err
	default:
		n, err := a.body.Read(p)
		a.trail()
		return n, err
	}
}

// trail gives the caller the trailers that have come.
func (a *ahead) trail() { a.answer.Trailer = a.given.Trailer }

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
