package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilehttp"
)

// near returns a client whose hosts are reached without a network, so that a day takes no time.
func near(s settings, day []phase) *client {
	c := &client{settings: s, hosts: newHosts(s.seed, day)}
	d := direct{}
	for _, h := range c.hosts {
		d[domain(h.name)] = h
	}
	c.http = &http.Client{Transport: d, Timeout: timeout}
	return c
}

type direct map[string]*host

func (d direct) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil { // by http.ErrAbortHandler
			answer, err = nil, io.ErrUnexpectedEOF
		}
	}()
	if r.Body != nil {
		defer r.Body.Close()
	}
	w := httptest.NewRecorder()
	d[r.URL.Host].ServeHTTP(w, r)
	if r.Context().Err() != nil {
		return nil, context.Cause(r.Context())
	}
	return w.Result(), nil
}

// live shows a day of which the second client is protected by the given function, and returns what was said, and whether the promises were kept.
func live(t *testing.T, s settings, protect func(*http.Client, func(string, breaker.Transition))) (r results, said string, kept bool) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		var b strings.Builder
		var seen journal
		day := badDay()
		bare, protected := near(s, day), near(s, day)
		protect(protected.http, seen.write)
		r = show(&b, s, day, bare, protected, &seen)
		kept = promises(&b, r)
		said = b.String()
	})
	return r, said, kept
}

// flat undoes the breaks of lines.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestShow(t *testing.T) {
	r, said, kept := live(t, settings{seed: 1}, protect)
	if !kept || strings.Contains(said, "NOT KEPT") || strings.Contains(said, "busy") {
		t.Error(said)
	}
	blip, outage := r.phase("blip"), r.phase("outage")
	for _, tt := range []struct {
		about     string
		got       int
		low, high int
	}{
		{"bare requests to prices that fail in the blip", r.bare.tally(blip, []string{prices}, 0).failed(), 10, 30},
		{"protected ones", r.protected.tally(blip, []string{prices}, 0).failed(), 0, 4},
		{"repeats", r.protected.bore(blip, []string{prices}).requests, 160, 190},
		{"bare requests to reviews that fail in the blip", r.bare.tally(blip, []string{reviews}, 0).failed(), 0, 0},
		{"bare requests to reviews that are answered in the outage", r.bare.tally(outage, []string{reviews}, 0).answered, 0, 0},
		{"bare requests that are refused", len(r.bare.tally(outage, []string{reviews}, 0).refused), 0, 0},
		{"protected ones", len(r.protected.tally(outage, []string{reviews}, 0).refused), 100, 150},
		{"requests that reach reviews in the outage", r.protected.bore(outage, []string{reviews}).requests, 40, 70},
		{"repeats that were asked to wait", r.protected.heeded, 4, 9},
		{"transitions", len(r.seen), 5, 9},
	} {
		if tt.got < tt.low || tt.got > tt.high {
			t.Errorf("%s: %d, not from %d to %d", tt.about, tt.got, tt.low, tt.high)
		}
	}
	before, after := r.bare.tally(blip, []string{orders}, 0), r.protected.tally(blip, []string{orders}, 0)
	if before.failed() == 0 || before.failed() != after.failed() {
		t.Errorf("%d orders fail without protection, %d with it", before.failed(), after.failed())
	}
	if bore := r.protected.bore(blip, []string{orders}).requests; bore != after.all {
		t.Errorf("%d orders were sent %d times", after.all, bore)
	}
	for i, p := range r.day {
		if want := 3 * int(p.length.Seconds()*perSecond); r.bare.tally(i, hostNames(), 0).all != want || r.protected.tally(i, hostNames(), 0).all != want {
			t.Errorf("%s: there are not %d requests", p.name, want)
		}
	}
	for _, want := range []string{
		"POST, which is not repeated", "shop breaker is open", "s reviews closed → open: too large a share", "→ closed: the probes succeeded",
		"half of the failures take 0.0 ms at most", "With -keys it is.", "That has a price", "so the p99 is 1",
		"a breaker of its own",
	} {
		if !strings.Contains(flat(said), want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
}

func TestShowWithKeys(t *testing.T) {
	r, said, kept := live(t, settings{seed: 1, keys: true}, protect)
	blip := r.phase("blip")
	all, sent := r.protected.tally(blip, []string{orders}, 0).all, r.protected.bore(blip, []string{orders}).requests
	if !kept || sent < all+8 || r.protected.twice != 0 {
		t.Errorf("%d orders were sent %d times, %d placed twice:\n%s", all, sent, r.protected.twice, said)
	}
	for _, want := range []string{"kept: 97 % are answered by orders in the blip", "placed each once", "which may be repeated"} {
		if !strings.Contains(flat(said), want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
}

// The promises are not a matter of luck.
func TestOtherSeeds(t *testing.T) {
	for seed := range uint64(10) {
		if _, said, kept := live(t, settings{seed: seed, keys: seed%2 == 1}, protect); !kept {
			t.Errorf("seed %d:\n%s", seed, said)
		}
	}
}

// One pipeline for all hosts spreads the outage, and the show says so.
func TestShowWithASharedPipeline(t *testing.T) {
	_, said, kept := live(t, settings{seed: 1, shared: true}, protectAll)
	if kept || strings.Count(said, "NOT KEPT") != 3 {
		t.Error(said)
	}
	for _, want := range []string{
		"NOT KEPT: 97 % are answered by the others in the outage", "such a pipeline for all hosts", "the others are drawn in: all hosts share a breaker",
	} {
		if !strings.Contains(flat(said), want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
}

// Promises are broken by a protection that does not give what they say.
func TestOtherProtections(t *testing.T) {
	type watch = func(string, breaker.Transition)
	for _, tt := range []struct {
		about   string
		protect func(*http.Client, watch)
		says    []string
	}{
		{"none", func(*http.Client, watch) {}, []string{
			"97 % are answered by prices", "from 1.5s on, half of the failures", "reviews gets half as many requests",
		}},
		{"repeats orders", func(c *http.Client, w watch) {
			protect(c, w)
			c.Transport = change(func(r *http.Request) *http.Request { return r.WithContext(ductilehttp.Repeatable(r.Context())) }, c.Transport)
		}, []string{"no order is placed twice"}},
		{"does not hear when to come back", func(c *http.Client, w watch) {
			hosts := c.Transport
			c.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
				answer, err := hosts.RoundTrip(r)
				if answer != nil {
					answer.Header.Del("Retry-After")
				}
				return answer, err
			})
			protect(c, w)
		}, []string{"who is told when to come back comes no sooner"}},
	} {
		_, said, kept := live(t, settings{seed: 1}, tt.protect)
		if broken := strings.Count(said, "NOT KEPT"); kept || broken != len(tt.says) {
			t.Errorf("%s: %d promises are broken:\n%s", tt.about, broken, said)
		}
		for _, want := range tt.says {
			if !strings.Contains(said, "NOT KEPT: "+want) {
				t.Errorf("%s: %q is kept in\n%s", tt.about, want, said)
			}
		}
	}
}

// change is a transport that changes requests.
func change(how func(*http.Request) *http.Request, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) { return next.RoundTrip(how(r)) })
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTextFitsTheTerminal(t *testing.T) {
	_, said, _ := live(t, settings{seed: 1}, protect)
	_, text, _ := strings.Cut(said, "Two clients") // before that speaks the pipeline
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.HasSuffix(line, " \n") || strings.Contains(line, "\u00a0") || strings.Contains(line, "%!") {
			t.Errorf("what does not belong there: %q", line)
		}
	}
}
