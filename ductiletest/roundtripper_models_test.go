package ductiletest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Transports that keep every promise, but for their flaw.

// spoiled is a transport around another.
type spoiled struct {
	base http.RoundTripper
	do   func(base http.RoundTripper, r *http.Request) (*http.Response, error)
}

func (f spoiled) RoundTrip(r *http.Request) (*http.Response, error) { return f.do(f.base, r) }
func (f spoiled) CloseIdleConnections()                             { closeIdle(f.base) }

func closeIdle(base http.RoundTripper) {
	if c, ok := base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func doing(do func(base http.RoundTripper, r *http.Request) (*http.Response, error)) wrapping {
	return func(base http.RoundTripper) http.RoundTripper { return spoiled{base, do} }
}

type wrapping = func(http.RoundTripper) http.RoundTripper

// demanding changes the request that it sends, which is a copy.
func demanding(change func(r *http.Request)) wrapping {
	return doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		sent := r.WithContext(r.Context())
		change(sent)
		return base.RoundTrip(sent)
	})
}

// answering changes what comes.
func answering(change func(answer *http.Response) (*http.Response, error)) wrapping {
	return doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		answer, err := base.RoundTrip(r)
		if err != nil {
			return answer, err
		}
		return change(answer)
	})
}

// excusing changes the error.
func excusing(change func(r *http.Request, err error) error) wrapping {
	return doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		answer, err := base.RoundTrip(r)
		if err != nil {
			err = change(r, err)
		}
		return answer, err
	})
}

// embodying changes the body of what comes, unless there is none.
func embodying(change func(body io.ReadCloser) io.ReadCloser) wrapping {
	return answering(func(answer *http.Response) (*http.Response, error) {
		if answer.Body != http.NoBody && answer.StatusCode != http.StatusSwitchingProtocols {
			answer.Body = change(answer.Body)
		}
		return answer, nil
	})
}

// forgetting does not close the body of a request where it is told so.
func forgetting(when func(r *http.Request, answer *http.Response, err error) bool) wrapping {
	return doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		if r.Body == nil || r.Body == http.NoBody {
			return base.RoundTrip(r)
		}
		sent := r.WithContext(r.Context())
		sent.Body = io.NopCloser(r.Body)
		answer, err := base.RoundTrip(sent)
		if !when(r, answer, err) {
			_ = r.Body.Close()
		}
		return answer, err
	})
}

// retrier sends what is idempotent three times.
type retrier struct {
	base http.RoundTripper
	flaw string

	mu   sync.Mutex
	last *http.Request
}

func retrying(flaw string) wrapping {
	return func(base http.RoundTripper) http.RoundTripper { return &retrier{base: base, flaw: flaw} }
}

func (t *retrier) CloseIdleConnections() { closeIdle(t.base) }

func (t *retrier) repeats(r *http.Request) bool {
	if r.Body != nil && r.Body != http.NoBody && r.GetBody == nil && t.flaw != "repeats without GetBody" {
		return false
	}
	return r.Method != http.MethodPost && r.Method != http.MethodPatch && r.Header.Get("Upgrade") == ""
}

func (t *retrier) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	t.last = r
	t.mu.Unlock()
	sent := r
	for n := 1; ; n++ {
		answer, err := t.base.RoundTrip(sent)
		switch {
		case n == 3, r.Context().Err() != nil,
			!t.repeats(r) && (t.flaw != "repeats POST that is answered" || err != nil) && (t.flaw != "repeats POST that is lost" || err == nil),
			err == nil && answer.StatusCode != http.StatusServiceUnavailable && t.flaw != "repeats POST that is answered",
			err == nil && answer.StatusCode < http.StatusInternalServerError, err != nil && !strings.Contains(err.Error(), "EOF"):
			return t.finally(n, answer, err)
		}
		if err == nil {
			t.drop(answer)
			if err := t.wait(r.Context(), answer); err != nil {
				return nil, err
			}
		}
		sent, err = t.next(r)
		if err != nil {
			return nil, err
		}
	}
}

// finally returns what came in the end.
func (t *retrier) finally(n int, answer *http.Response, err error) (*http.Response, error) {
	if n < 3 || err != nil || answer.StatusCode != http.StatusServiceUnavailable {
		return answer, err
	}
	switch t.flaw {
	case "gives up with an error":
		_ = answer.Body.Close()
		return nil, errors.New("giving up after 3 attempts")
	case "gives up with an answer and an error":
		return answer, errors.New("giving up after 3 attempts")
	case "gives up with an answer that was read":
		_, _ = io.Copy(io.Discard, answer.Body)
	case "closes connections when it gives up":
		closeIdle(t.base)
	}
	return answer, nil
}

// drop closes an answer before the next attempt.
func (t *retrier) drop(answer *http.Response) {
	if t.flaw == "does not close what it drops" {
		return
	}
	if t.flaw != "closes what it drops unread" {
		_, _ = io.Copy(io.Discard, answer.Body)
	}
	_ = answer.Body.Close()
}

// wait waits as long as it is asked to.
func (t *retrier) wait(ctx context.Context, answer *http.Response) error {
	wait := time.Millisecond
	if answer.Header.Get("Retry-After") != "" {
		wait = 4 * time.Second
	}
	if t.flaw == "sleeps" {
		time.Sleep(wait)
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		if t.flaw == "says no reason" {
			return errors.New("no more time")
		}
		return ctx.Err()
	}
}

// next returns the request of the next attempt.
func (t *retrier) next(r *http.Request) (*http.Request, error) {
	if t.flaw == "repeats the last request of all" {
		t.mu.Lock()
		r = t.last
		t.mu.Unlock()
	}
	sent := r.WithContext(r.Context())
	if t.flaw == "forgets the header" {
		sent.Header = http.Header{}
	}
	if r.GetBody == nil || t.flaw == "sends the same body again" {
		return sent, nil
	}
	var err error
	sent.Body, err = r.GetBody()
	if err != nil && t.flaw == "overlooks an error of GetBody" {
		sent.Body, err = http.NoBody, nil
	}
	if t.flaw == "does not close copies" {
		sent.Body = io.NopCloser(sent.Body)
	}
	return sent, err
}

// hedger sends a copy of what is slow.
type hedger struct {
	base http.RoundTripper
	flaw string
}

func hedging(flaw string) wrapping {
	return func(base http.RoundTripper) http.RoundTripper { return &hedger{base, flaw} }
}

func (t *hedger) CloseIdleConnections() { closeIdle(t.base) }

// raced is what became of one of two.
type raced struct {
	copy   bool
	answer *http.Response
	err    error
	panics any
	cancel context.CancelFunc
}

func (t *hedger) RoundTrip(r *http.Request) (*http.Response, error) {
	copied := r.Method == http.MethodGet || r.Method == http.MethodPost && t.flaw == "copies POST" || r.ContentLength == 7 && r.Method == http.MethodPut && t.flaw == "shares the body"
	if !copied || r.Header.Get("Upgrade") != "" {
		return t.base.RoundTrip(r)
	}
	ends := make(chan raced, 2)
	send := func(second bool) context.CancelFunc {
		ctx, cancel := context.WithCancel(r.Context())
		go func() {
			end := raced{copy: second, cancel: cancel}
			returned := false
			defer func() {
				if t.flaw == "lets panics end all" && !returned {
					return // nobody must be quicker than the end of the program
				}
				end.panics = recover()
				ends <- end
			}()
			end.answer, end.err = t.base.RoundTrip(r.WithContext(ctx)) //nolint:bodyclose // below
			returned = true
		}()
		return cancel
	}
	first := send(false)
	timer := time.NewTimer(20 * time.Millisecond)
	defer timer.Stop()
	var won raced
	select {
	case won = <-ends:
	case <-timer.C:
		second := send(true)
		won = <-ends
		switch {
		case t.flaw == "leaves the loser's answer open":
		case won.copy:
			first()
		default:
			second()
		}
		go func() {
			if lost := <-ends; lost.answer != nil && t.flaw != "leaves the loser's answer open" {
				_ = lost.answer.Body.Close()
			}
		}()
	}
	if won.panics != nil {
		panic(won.panics)
	}
	switch {
	case won.answer == nil, won.copy && t.flaw == "cancels a copy that won":
		won.cancel()
	case won.answer.Body != http.NoBody:
		won.answer.Body = &releasing{won.answer.Body, won.cancel}
	default:
		won.cancel()
	}
	return won.answer, won.err
}

// releasing ends a context when a body has been read or closed.
type releasing struct {
	io.ReadCloser
	release func()
}

func (b *releasing) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.release()
	}
	return n, err
}

func (b *releasing) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}

// sending sends another request.
func sending(other func(r *http.Request) *http.Request) wrapping {
	return doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) { return base.RoundTrip(other(r)) })
}

// failedReader ends with an error, where there is one.
type failedReader struct{ err error }

func (f *failedReader) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// ending takes errors for ends.
type ending struct{ io.ReadCloser }

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// draining reads all that comes before it closes.
type draining struct{ io.ReadCloser }

func (d *draining) Close() error {
	_, _ = io.Copy(io.Discard, d.ReadCloser)
	return d.ReadCloser.Close()
}

// refusing is a breaker and a bulkhead that do not close the bodies of what they refuse.
type refusing struct {
	base             http.RoundTripper
	failures, places int

	mu           sync.Mutex
	failed, busy int
}

func (t *refusing) CloseIdleConnections() { closeIdle(t.base) }

func (t *refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	if t.failed >= t.failures || t.busy >= t.places {
		t.mu.Unlock()
		return nil, errors.New("refused")
	}
	t.busy++
	t.mu.Unlock()
	answer, err := t.base.RoundTrip(r)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy--
	if err != nil {
		t.failed++
	}
	return answer, err
}
