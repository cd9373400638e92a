package ductiletest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// brisk is for transports that hang on purpose.
func brisk() paces {
	return paces{patience: 2 * time.Second, watch: 8 * time.Second, lull: 60 * time.Millisecond, own: 200 * time.Millisecond}
}

// breaches returns what a transport breaks over HTTP/1.1.
func breaches(wrap wrapping) map[string]string {
	e := examine(wrap, brisk())
	defer e.end()
	found := map[string]string{}
	for _, p := range e.pledges {
		over := p.protocols()[0]
		if v := e.judge(p, over); v.Outcome == Broken {
			found[p.name] = v.Text
		}
	}
	return found
}

// The models keep everything without their flaws.
func TestModelRoundTrippers(t *testing.T) {
	t.Parallel()
	for name, wrap := range map[string]wrapping{"retrier": retrying(""), "hedger": hedging("")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Empty(t, breaches(wrap))
		})
	}
}

// dials reports whether an error is one of making a connection.
func dials(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// valueless is a context without values.
type valueless struct{ context.Context }

func (valueless) Value(any) any { return nil }

const andMore = "and more"

// flaws are transports that are broken in one way. The first promise is the one that has to find it; what else it breaks by that follows.
//
// andMore among them says that there may be others: whatever has to do with the body of an answer, where it is a matter of microseconds what has
// been read.
func flaws() []struct {
	name string
	wrap wrapping
	says string
	in   []string
} {
	return []struct {
		name string
		wrap wrapping
		says string
		in   []string
	}{
		{"answers nothing", doing(func(_ http.RoundTripper, r *http.Request) (*http.Response, error) { return nil, errSpoiled }),
			"RoundTrip returned the error", []string{answersAtAll}},
		{"returns nothing", doing(func(_ http.RoundTripper, r *http.Request) (*http.Response, error) { return nil, nil }),
			"RoundTrip returned neither an answer nor an error", []string{answersAtAll}},
		{"never returns", doing(func(_ http.RoundTripper, r *http.Request) (*http.Response, error) { select {} }),
			"RoundTrip has not returned in", []string{answersAtAll}},
		{"is nil", func(http.RoundTripper) http.RoundTripper { return nil }, "it returned nil", []string{answersAtAll}},
		{"panics", doing(func(_ http.RoundTripper, r *http.Request) (*http.Response, error) { panic("oh") }), "it panicked: oh", []string{answersAtAll}},

		{"both", retrying("gives up with an answer and an error"), "RoundTrip returned an answer (503 Service Unavailable), and the error",
			[]string{"returns an answer or an error", "returns the last answer when repeats do not help", "does not modify the request", "closes answers that it drops", "closes no connections by itself"}},
		{"no 500", answering(func(answer *http.Response) (*http.Response, error) {
			if answer.StatusCode == http.StatusInternalServerError {
				return nil, errSpoiled
			}
			return answer, nil
		}), "RoundTrip returned the error", []string{"returns an answer of any status"}},
		{"gives up", retrying("gives up with an error"), "", []string{"returns the last answer when repeats do not help", "closes answers that it drops"}},
		{"gives up after reading", retrying("gives up with an answer that was read"), "the body of the answer is none of those that were sent",
			[]string{"returns the last answer when repeats do not help"}},
		{"one value", answering(func(answer *http.Response) (*http.Response, error) {
			for name := range answer.Header {
				answer.Header.Set(name, answer.Header.Get(name))
			}
			return answer, nil
		}), "its Header is", []string{"hands on the answer as it is"}},
		{"no length", answering(func(answer *http.Response) (*http.Response, error) {
			if answer.Body == http.NoBody {
				answer.ContentLength = 0
			}
			return answer, nil
		}), "the answer's ContentLength is 0", []string{"hands on answers without a body"}},
		{"no body", answering(func(answer *http.Response) (*http.Response, error) {
			if answer.StatusCode == http.StatusNoContent {
				answer.Body = nil
			}
			return answer, nil
		}), "the answer's Body is nil", []string{"hands on answers without a body"}},
		{"a client inside", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			return (&http.Client{Transport: base}).Do(r)
		}), "it followed the redirect", []string{"leaves redirects, authentication and cookies alone"}},
		{"no request", answering(func(answer *http.Response) (*http.Response, error) {
			answer.Request = nil
			return answer, nil
		}), "it is nil", []string{"names the request of an answer"}},

		{"reads all", embodying(func(body io.ReadCloser) io.ReadCloser {
			defer body.Close()
			text, err := io.ReadAll(body)
			return io.NopCloser(io.MultiReader(bytes.NewReader(text), &failedReader{err}))
		}), "RoundTrip has not returned in", []string{"streams an answer", "lets an answer be read to its end", "ends the reading when the context ends", "ends an answer whose body is closed"}},
		{"cancels on return", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			return base.RoundTrip(r.WithContext(ctx))
		}), "reading the body after RoundTrip had returned ended after", []string{"lets an answer be read to its end", andMore}},
		{"cancels winners", hedging("cancels a copy that won"), "reading the body of the copy's answer ended after",
			[]string{"lets the answer of a copy be read to its end", andMore}},
		{"heeds no context while reading", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			ctx, cancel := context.WithCancelCause(context.WithoutCancel(r.Context()))
			stop := context.AfterFunc(r.Context(), func() { cancel(context.Cause(r.Context())) })
			defer stop()
			return base.RoundTrip(r.WithContext(ctx))
		}), "the body of the answer has not come to an end", []string{"ends the reading when the context ends"}},
		{"calls errors ends", embodying(func(body io.ReadCloser) io.ReadCloser { return &ending{body} }), "the body came to its end without an error",
			[]string{"says that an answer broke off"}},
		{"drains", embodying(func(body io.ReadCloser) io.ReadCloser { return &draining{body} }), "Close of the answer's body has not returned",
			[]string{"ends an answer whose body is closed"}},
		{"does not close", embodying(func(body io.ReadCloser) io.ReadCloser { return io.NopCloser(body) }), "the server was not told", []string{"ends an answer whose body is closed", "closes answers that it drops", "leaves no goroutine behind", "lets go of the caller's context"}},
		{"copies the answer", answering(func(answer *http.Response) (*http.Response, error) { other := *answer; return &other, nil }),
			"after the end of the body, the answer's Trailer is map[]", []string{"hands on an answer's trailers"}},
		{"wraps upgrades", answering(func(answer *http.Response) (*http.Response, error) {
			answer.Body = struct{ io.ReadCloser }{answer.Body}
			return answer, nil
		}), "is no io.ReadWriteCloser", []string{"hands on an upgraded connection", "hands on CloseWrite of an upgraded connection"}},
		{"wraps upgrades half", answering(func(answer *http.Response) (*http.Response, error) {
			if both, ok := answer.Body.(io.ReadWriteCloser); ok {
				answer.Body = struct{ io.ReadWriteCloser }{both}
			}
			return answer, nil
		}), "has no such method any more", []string{"hands on CloseWrite of an upgraded connection"}},
		{"has a context of its own", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			return base.RoundTrip(r.WithContext(valueless{r.Context()}))
		}), "was not called in", []string{"lets httptrace hear"}},

		{"writes a header", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			r.Header.Set("X-Attempt", "1")
			return base.RoundTrip(r)
		}), "its Header was map[", []string{"does not modify the request"}},
		{"writes a body", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			if r.Body != nil {
				r.Body = &releasing{r.Body, func() {}}
			}
			return base.RoundTrip(r)
		}), "its field Body is another", []string{"does not modify the request", "keeps the length of a body"}},
		{"writes a URL", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			r.URL.Fragment = "1"
			return base.RoundTrip(r)
		}), "its URL has become", []string{"does not modify the request"}},
		{"decodes the path", demanding(func(r *http.Request) {
			target := *r.URL
			target.RawPath = ""
			r.URL = &target
		}), "request 1 that the server saw has PROPFIND /a/b//c%20d/", []string{"keeps method and target"}},
		{"knows no opaque URL", demanding(func(r *http.Request) {
			r.URL = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
		}), "request 1 that the server saw has /, and not /%61%2f", []string{"keeps an opaque URL"}},
		{"knows no Host", demanding(func(r *http.Request) { r.Host = "" }), "request 1 that the server saw has 127.0.0.1:", []string{"keeps the Host"}},
		{"forgets the header", retrying("forgets the header"), "request 2 that the server saw has []", []string{"keeps the header", "is safe for calls at once"}},
		{"names itself", demanding(func(r *http.Request) {
			r.Header = r.Header.Clone()
			r.Header.Set("User-Agent", "flaw")
		}), "request 1 that the server saw has", []string{"keeps the header"}},
		{"knows no length", demanding(func(r *http.Request) {
			if r.Body != nil {
				r.ContentLength = -1
			}
		}), "request 1 that the server saw has the length -1", []string{"keeps the length of a body"}},
		{"gives a body", demanding(func(r *http.Request) {
			if r.Body == nil && r.Method == http.MethodPut {
				r.Body = io.NopCloser(strings.NewReader(""))
				r.ContentLength = -1
			}
		}), "request 1 that the server saw has the length -1", []string{"keeps the length of a body"}},
		{"reads the request", demanding(func(r *http.Request) {
			if r.Body != nil {
				defer r.Body.Close()
				text, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(text))
			}
		}), "the server has not seen the beginning of the body", []string{"streams the body of a request", "keeps the length of a body"}},
		{"clones", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			return base.RoundTrip(r.Clone(r.Context()))
		}),
			"the server heard of \"\"", []string{"sends a request's trailers"}},
		{"expects nothing", demanding(func(r *http.Request) {
			r.Header = r.Header.Clone()
			r.Header.Del("Expect")
		}), "the request that reached the base had no expectation", []string{"keeps Expect: 100-continue"}},

		{"forgets after an answer", forgetting(func(_ *http.Request, answer *http.Response, err error) bool { return err == nil }), "a body of the request was not closed",
			[]string{"closes the body of a request that is answered", "closes the bodies of a request that is repeated"}},
		{"forgets copies", retrying("does not close copies"), "a body of the request was not closed", []string{"closes the bodies of a request that is repeated", "closes the body of a request that fails"}},
		{"forgets after an error", forgetting(func(_ *http.Request, _ *http.Response, err error) bool { return errors.Is(err, io.EOF) }),
			"a body of the request was not closed", []string{"closes the body of a request that fails"}},
		{"forgets where nobody is", forgetting(func(_ *http.Request, _ *http.Response, err error) bool { return dials(err) }),
			"a body of the request was not closed", []string{"closes the body of a request that reaches nobody"}},
		{"forgets where nothing is sent", forgetting(func(_ *http.Request, _ *http.Response, err error) bool {
			return err != nil && strings.Contains(err.Error(), "invalid method")
		}), "a body of the request was not closed", []string{"closes the body of a request that is none"}},
		{"forgets where all is over", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			return base.RoundTrip(r)
		}), "a body of the request was not closed", []string{"closes the body where the context has ended before"}},
		{"forgets on the way", forgetting(func(r *http.Request, _ *http.Response, err error) bool { return r.Context().Err() != nil }),
			"a body of the request was not closed", []string{"closes the body where the context ends on the way", "closes the body where the context has ended before"}},
		{"forgets what it refuses", func(base http.RoundTripper) http.RoundTripper { return &refusing{base: base, failures: 5, places: 100} },
			"a body of the request was not closed", []string{"closes the body of a request that it refuses"}},
		{"forgets what it has no place for", func(base http.RoundTripper) http.RoundTripper {
			return &refusing{base: base, failures: 1000, places: 10}
		},
			"a body of the request was not closed", []string{"closes the body of a request that it refuses"}},

		{"sends nothing again", retrying("sends the same body again"), "the base was called", []string{"sends each attempt the whole body", "keeps the length of a body", "sends nothing when GetBody fails", "is safe for calls at once"}},
		{"shares", hedging("shares the body"), "", []string{"sends each copy the whole body", "sends each attempt the whole body", "is safe for calls at once", "sends nothing when GetBody fails"}},
		{"sends what it has not", retrying("repeats without GetBody"), "", []string{"sends a body without GetBody whole or not again"}},
		{"overlooks GetBody", retrying("overlooks an error of GetBody"), "there was a second request, with the body ", []string{"sends nothing when GetBody fails"}},
		{"repeats POST", retrying("repeats POST that is answered"), "the server was asked 3 times", []string{"does not repeat a POST that is answered", "sends a body without GetBody whole or not again"}},
		{"repeats lost POST", retrying("repeats POST that is lost"), "the server was asked 3 times", []string{"does not repeat a POST that may have been done"}},
		{"copies POST", hedging("copies POST"), "", []string{"sends no copy of a slow POST"}},

		{"begins", sending(func(r *http.Request) *http.Request {
			if r.Context().Err() != nil {
				return r.WithContext(context.WithoutCancel(r.Context()))
			}
			return r
		}), "there was an answer after all", []string{"does not begin when the context has ended"}},
		{"goes on", sending(func(r *http.Request) *http.Request {
			if _, limited := r.Context().Deadline(); !limited && r.Context().Err() == nil {
				return r.WithContext(context.WithoutCancel(r.Context()))
			}
			return r
		}), "has not returned in", []string{"ends when the context is canceled", "ends the reading when the context ends", "closes the body where the context ends on the way",
			"closes the body of a request that it refuses"}},
		{"says no reason", excusing(func(r *http.Request, err error) error {
			if errors.Is(r.Context().Err(), context.Canceled) {
				return errSpoiled
			}
			return err
		}), "the error is not context.Canceled", []string{"ends when the context is canceled", "does not begin when the context has ended"}},
		{"sleeps", retrying("sleeps"), "RoundTrip has not returned", []string{"ends its wait when the context is canceled"}},
		{"says no reason while it waits", retrying("says no reason"), "the error is not context.Canceled", []string{"ends its wait when the context is canceled"}},
		{"wraps timeouts", excusing(func(r *http.Request, err error) error {
			if errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("too late: %w", err)
			}
			return err
		}), "Timeout of the url.Error returns false; it holds a *fmt.wrapError", []string{"makes a timeout of the context's deadline", "heeds http.Client's Timeout"}},
		{"has no deadline", sending(func(r *http.Request) *http.Request {
			r = r.WithContext(r.Context())
			if _, limited := r.Context().Deadline(); limited {
				r = r.WithContext(context.WithoutCancel(r.Context()))
				r.Cancel = nil //nolint:staticcheck // a flaw's
			}
			return r
		}), "has not returned in", []string{"heeds http.Client's Timeout", "makes a timeout of the context's deadline"}},
		{"has no Cancel", demanding(func(r *http.Request) { r.Cancel = nil }), "RoundTrip has not returned", []string{"heeds Request.Cancel"}}, //nolint:staticcheck // a flaw's
		{"says no reason of its own", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			ctx, cancel := context.WithCancel(r.Context())
			timer := time.AfterFunc(120*time.Millisecond, cancel)
			answer, err := base.RoundTrip(r.WithContext(ctx))
			timer.Stop()
			if ctx.Err() != nil && r.Context().Err() == nil {
				err = errSpoiled
			}
			if err != nil {
				cancel()
				return nil, err
			}
			if answer.Body != http.NoBody && answer.StatusCode != http.StatusSwitchingProtocols {
				answer.Body = &releasing{answer.Body, cancel}
			}
			return answer, nil
		}), "Timeout of the url.Error returns false", []string{"makes a timeout of its own limit"}},
		{"writes errors", excusing(func(r *http.Request, err error) error {
			if errors.Is(err, errSpoiled) {
				return errors.New("failed: " + err.Error())
			}
			return err
		}), "in which the one of the base is not found", []string{"keeps the errors of the base"}},
		{"wraps errors", excusing(func(r *http.Request, err error) error {
			if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
				return fmt.Errorf("failed: %w", err)
			}
			return err
		}), "it does not say so, but: ", []string{"keeps the base's error about TLS as it is"}},

		{"mixes up", retrying("repeats the last request of all"), "the answer to", []string{"is safe for calls at once"}},
		{"leaves dropped", retrying("does not close what it drops"), "another answer of the base was not closed", []string{"closes answers that it drops", "uses connections again", "leaves no goroutine behind", "lets go of the caller's context"}},
		{"leaves losers", hedging("leaves the loser's answer open"), "another answer of the base was not closed", []string{"closes answers that it drops", "leaves no goroutine behind", "lets go of the caller's context"}},
		{"does not drain", retrying("closes what it drops unread"), "the server saw 2", []string{"uses connections again"}},
		{"hides CloseIdleConnections", func(base http.RoundTripper) http.RoundTripper { return struct{ http.RoundTripper }{base} },
			"the base has not heard of it", []string{"forwards CloseIdleConnections"}},
		{"closes all", retrying("closes connections when it gives up"), "it closed all idle connections of the base", []string{"closes no connections by itself"}},
		{"leaves goroutines", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			go func() { <-r.Context().Done() }()
			return base.RoundTrip(r)
		}), "goroutines were still there", []string{"leaves no goroutine behind", "lets go of the caller's context"}},
		{"leaves contexts", doing(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			ctx, cancel := context.WithCancel(r.Context())
			var never []context.CancelFunc
			_ = append(never, cancel)
			return base.RoundTrip(r.WithContext(ctx))
		}), "the caller's context, which goes on,", []string{"lets go of the caller's context"}},
		{"catches panics", doing(func(base http.RoundTripper, r *http.Request) (answer *http.Response, err error) {
			defer func() {
				if r := recover(); r != nil {
					err = errSpoiled
				}
			}()
			return base.RoundTrip(r)
		}), "RoundTrip returned <nil>, and the error: ", []string{"lets a panic of the base pass"}},
		{"locks", func(base http.RoundTripper) http.RoundTripper {
			var mu sync.Mutex
			return spoiled{base, func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
				mu.Lock()
				answer, err := base.RoundTrip(r)
				mu.Unlock()
				return answer, err
			}}
		}, "RoundTrip has not returned in", []string{"lets a panic of the base pass"}},
	}
}

// Each of these transports is broken in one way. The kit has to find that, where it is looked for, and else nothing but what follows of it.
func TestRoundTripperFinds(t *testing.T) {
	all := flaws()
	found := make([]map[string]string, len(all))
	var group sync.WaitGroup
	turns := make(chan struct{}, 4)
	for i := range all {
		group.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			found[i] = breaches(all[i].wrap)
		})
	}
	group.Wait()
	proven := map[string]bool{}
	for i, flaw := range all {
		t.Run(flaw.name, func(t *testing.T) {
			assert.Contains(t, found[i][flaw.in[0]], flaw.says, "%v", found[i])
			if !slices.Contains(flaw.in, andMore) {
				assert.Subset(t, flaw.in, slices.Collect(maps.Keys(found[i])), "%v", found[i])
			}
		})
		_, ok := found[i][flaw.in[0]]
		proven[flaw.in[0]] = proven[flaw.in[0]] || ok
	}
	for _, p := range pledges() {
		assert.True(t, proven[p.name], "no transport is found to break: %s", p.name)
	}
}
