package ductiletest

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Stories of what is done again, and of what many do at once.

// once finds that a server has seen a request twice.
func (x *visit) once(s *site) {
	if n := s.requests.Load(); n > 1 {
		x.find("the server was asked %d times", n)
	}
}

func repeatsNoPost(x *visit) {
	for _, status := range []int{500, 502, 503, 504} {
		for _, method := range []string{http.MethodPost, http.MethodPatch} {
			s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(status)
			})
			x.did("sent a %s that is answered %d", method, status)
			if answer, err := s.send((&parcel{text: "payload"}).give(x.ask(method, s.URL))); err == nil {
				x.read(answer)
			}
			x.once(s)
		}
	}
}

func repeatsNoLostPost(x *visit) {
	s := x.serve(func(_ http.ResponseWriter, r *http.Request, _ int64) {
		_, _ = io.Copy(io.Discard, r.Body)
		hangUp()
	})
	x.did("sent a POST that the server has read when it hangs up")
	if answer, err := s.send((&parcel{text: "payload"}).give(x.ask(http.MethodPost, s.URL))); err == nil {
		x.shut(answer)
	}
	x.once(s)
}

func copiesNoPost(x *visit) {
	second := make(chan struct{})
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		_, _ = io.Copy(io.Discard, r.Body)
		if n == 2 {
			close(second)
		}
		x.waits(r, second)
	})
	x.did("sent a POST to a server that takes %v", x.lull)
	if answer, err := s.send((&parcel{text: "payload"}).give(x.ask(http.MethodPost, s.URL))); err == nil {
		x.read(answer)
	}
	x.once(s)
	if n := s.base.count(); n > 1 {
		x.find("the base was called %d times", n)
	}
}

func keepsApart(x *visit) {
	const callers = 8
	var mu sync.Mutex
	arrived, all := map[string]int{}, make(chan struct{})
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		text, _ := io.ReadAll(r.Body)
		mu.Lock()
		arrived[r.URL.Path]++
		first := arrived[r.URL.Path] == 1
		if first && len(arrived) == callers {
			close(all)
		}
		mu.Unlock()
		if first {
			x.waits(r, all)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = fmt.Fprintf(w, "%s %s %s", r.URL.Path, r.Header.Get("Caller"), text) //nolint:gosec // a kit's
	})
	x.did("sent %d PUTs at once; each is answered 503 when all have arrived, and then 200", callers)
	x.together(callers, func(i int) {
		n := strconv.Itoa(i)
		r := x.put(s.URL+"/"+n, &parcel{text: strings.Repeat(n, 100)})
		r.Header.Set("Caller", n)
		if got, want := x.read(s.get(r)), "/"+n+" "+n+" "+strings.Repeat(n, 100); got != want {
			x.find("the answer to %.7q... is %.7q...", want, got)
		}
	})
}

func closesDropped(x *visit) {
	second := make(chan struct{})
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		switch {
		case r.URL.Path == "/slow" && n == 1:
			x.waits(r, second)
		case r.URL.Path == "/slow" && n == 2:
			close(second)
		case r.URL.Path == "/busy", r.URL.Path == "/" && n%2 == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, "hello")
	})
	for _, path := range []string{"/slow", "/", "/busy"} {
		x.did("sent a GET for %s (/ is answered 503 first, /busy always, and /slow in %v), and closed the answer", path, x.lull)
		x.read(s.get(x.ask(http.MethodGet, s.URL+path)))
		x.eventually(func() bool { return s.base.open() == 0 }, "another answer of the base was not closed")
	}
	if s.base.count() <= 3 {
		x.moot("repeats and copies nothing")
	}
}

func reusesConnections(x *visit) {
	const calls = 20
	s := x.serve(busy(says("ok")))
	x.did("sent %d GETs, one after the other, each of which is answered 503 and then 200", calls)
	for i := range calls {
		answer, err := s.send(x.ask(http.MethodGet, s.URL+"/"+strconv.Itoa(i)))
		if err != nil && i > 0 {
			break // a breaker may have had enough
		}
		if err != nil {
			x.find("RoundTrip returned the error %q", err)
		}
		x.read(answer)
	}
	copies := s.base.met() + calls/4 // of a hedge, on a slow day: each needs a connection
	if n := s.conns.Load(); n > int64(1+copies) {
		x.find("the server saw %d connections, and %d requests", n, s.requests.Load())
	}
}

func closesIdle(x *visit) {
	s := x.serve(says("ok"))
	const gets = 100 // a connection of HTTP/2 is idle a moment after its last answer was read
	x.did("called CloseIdleConnections of an http.Client after each of %d GETs", gets)
	for range gets {
		x.read(s.get(x.ask(http.MethodGet, s.URL)))
		s.client().CloseIdleConnections()
		if s.conns.Load() >= 2 {
			break
		}
	}
	if s.base.idle.Load() == 0 {
		x.find("the base has not heard of it")
	}
	if n := s.conns.Load(); n < 2 {
		x.find("the server saw %d connection", n)
	}
}

func leavesIdle(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.URL.Path == "/gone" {
			hangUp()
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	for _, path := range []string{"/busy", "/gone"} {
		x.did("sent a GET for %s (/busy is always answered 503, and /gone not at all)", path)
		if answer, err := s.send(x.ask(http.MethodGet, s.URL+path)); err == nil {
			x.read(answer)
		}
		if n := s.base.idle.Load(); n > 0 {
			x.find("it closed all idle connections of the base, whoever was to use them")
		}
	}
}
