package main

import (
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// always returns a day of one phase in which each host has the same faults.
func always(f faults) []phase {
	p := phase{name: "always", length: time.Second, faults: map[string]faults{}}
	for _, name := range hostNames() {
		p.faults[name] = f
	}
	return []phase{p}
}

func TestFates(t *testing.T) {
	const requests = 20_000
	f := faults{busy: 0.05, broken: 0.04, stuck: 0.03}
	var met [4]int
	luck := rand.New(rand.NewPCG(1, 2))
	for range requests {
		met[f.meets(luck)]++
	}
	for fate, want := range map[fate]float64{fine: 0.88, busy: 0.05, broken: 0.04, stuck: 0.03} {
		if share := float64(met[fate]) / requests; math.Abs(share-want) > 0.01 {
			t.Errorf("fate %d: %v of the requests meet it, not %v", fate, share, want)
		}
	}
	if got := (faults{stuck: 1}).meets(luck); got != stuck {
		t.Errorf("a host that is down meets a request with fate %d", got)
	}
	if got := (faults{}).meets(luck); got != fine {
		t.Errorf("a host that is well meets a request with fate %d", got)
	}
}

func TestLuck(t *testing.T) {
	const requests = 2000
	day := always(faults{busy: 0.5})
	fates := func(h *host) (met []fate) {
		for number := range requests {
			met = append(met, h.meet(number))
		}
		return met
	}
	same := func(a, b []fate) (n int) {
		for i := range a {
			if a[i] == b[i] {
				n++
			}
		}
		return n
	}
	one, other, seeded := newHosts(1, day), newHosts(1, day), newHosts(2, day)
	first := fates(one[0])
	if n := same(first, fates(other[0])); n != requests {
		t.Errorf("%d of %d requests meet the same at the hosts of the other client", n, requests)
	}
	for about, met := range map[string][]fate{"their repeats": fates(one[0]), "another host": fates(one[1]), "another seed": fates(seeded[0])} {
		if n := same(first, met); n < requests*4/10 || n > requests*6/10 {
			t.Errorf("%s: %d of %d requests meet the same", about, n, requests)
		}
	}
}

func TestRepeatsThatAreAskedToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts(1, always(faults{busy: 1}))[0]
		h.meet(1)
		h.meet(2)
		time.Sleep(retryAfter - time.Nanosecond)
		h.meet(1) // early, and told to come back once more
		time.Sleep(time.Nanosecond)
		h.meet(2)
		h.meet(3)
		time.Sleep(retryAfter - time.Nanosecond)
		h.meet(1)
		if h.early != 1 || h.heeded != 2 || h.counts[0].requests != 6 {
			t.Errorf("%d came early, %d not, of %d requests", h.early, h.heeded, h.counts[0].requests)
		}
	})
}

// Who has come back, and is asked to wait no more, may come at any time.
func TestRepeatsThatAreNotAskedToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts(1, append(always(faults{busy: 1}), always(faults{})...))[0]
		h.meet(1)
		h.begin(1)
		time.Sleep(retryAfter)
		h.meet(1)
		h.meet(1)
		if h.early != 0 || h.heeded != 1 {
			t.Errorf("%d came early, %d not", h.early, h.heeded)
		}
	})
}

func TestOrdersArePlaced(t *testing.T) {
	order := func(h *host, number, key string) int {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"number":`+number+`}`))
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		defer func() { _ = recover() }() // a connection that breaks
		h.ServeHTTP(w, r)
		return w.Code
	}
	for _, tt := range []struct {
		about  string
		faults faults
		key    string
		twice  int
	}{
		{"all is well", faults{}, "", 1},
		{"the answer is lost", faults{broken: 1}, "", 1},
		{"the host is busy", faults{busy: 1}, "", 0},
		{"it has a key", faults{}, "a", 0},
		{"it has a key, and the answer is lost", faults{broken: 1}, "a", 0},
	} {
		h := newHosts(1, always(tt.faults))[2]
		order(h, "1", tt.key)
		if h.twice() != 0 {
			t.Errorf("%s: an order that is sent once is placed twice", tt.about)
		}
		order(h, "1", tt.key)
		order(h, "2", "b")
		if got := h.twice(); got != tt.twice {
			t.Errorf("%s: %d orders are placed twice, not %d", tt.about, got, tt.twice)
		}
		if placed := tt.faults.busy == 0; (h.placed[1] > 0) != placed {
			t.Errorf("%s: that order 1 is placed is not %v", tt.about, placed)
		}
	}
	if code := order(newHosts(1, always(faults{}))[2], "one", ""); code != http.StatusBadRequest {
		t.Errorf("an order that says nothing is answered by %d", code)
	}
}

// Over a real connection.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		about       string
		faults      faults
		says        string
		connections int
	}{
		{"all is well", faults{}, "", 1},
		{"the host is busy", faults{busy: 1}, "503 Service Unavailable", 2}, // its answer is closed unread
		{"the connection is reset", faults{broken: 1}, "http://", 2},
	} {
		c := newClient(settings{seed: 1}, always(tt.faults))
		for _, name := range hostNames() {
			for number := range 2 {
				err := c.ask(t.Context(), name, number)
				if (err != nil) != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
					t.Errorf("%s: %s: %v", tt.about, name, err)
				}
			}
			bore := c.side(nil).bore(0, []string{name})
			if bore.requests != 2 || bore.connections > tt.connections || bore.connections < 1 {
				t.Errorf("%s: %s bore %+v", tt.about, name, bore)
			}
		}
	}
}

// A client is one as programs have it, but that the environment has no say in where its hosts are.
func TestClient(t *testing.T) {
	c := newClient(settings{}, always(faults{}))
	defer c.stop()
	if c.http.Timeout != timeout || c.http.Transport.(*http.Transport).Proxy != nil {
		t.Errorf("%+v", c.http)
	}
	c.http.Transport = change(func(r *http.Request) *http.Request {
		r = r.Clone(r.Context())
		r.URL.Path += "1"
		return r
	}, c.http.Transport)
	if err := c.ask(t.Context(), prices, 4); err == nil || err.Error() != "prices: asked for 4 and was told of 41" {
		t.Errorf("the answer to another request: %v", err)
	}
}

// Requests that are due in the last moments count, however long they take.
func TestRunWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		day := always(faults{stuck: 1})
		ended := run(day, []*client{near(settings{}, day)}, func(phase) {})
		got := side{ended: ended[0]}.tally(0, hostNames(), 0)
		if got.all != 3*perSecond || got.failures.quantile(0) != timeout || got.failures.quantile(100) != timeout {
			t.Errorf("%d requests, which took from %v to %v", got.all, got.failures.quantile(0), got.failures.quantile(100))
		}
	})
}

// A host that hangs does so until its client leaves.
func TestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := near(settings{}, always(faults{stuck: 1}))
		began := time.Now()
		err := c.ask(t.Context(), reviews, 1)
		if took := time.Since(began); err == nil || took != timeout {
			t.Errorf("%v after %v", err, took)
		}
	})
}
