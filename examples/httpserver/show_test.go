package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// near returns a server that is reached without a network, so that all that takes time is the database.
func near(s *shop, handler http.Handler) *server {
	return &server{Server: &httptest.Server{URL: "http://shop"}, shop: s, client: &http.Client{Transport: direct{handler}}}
}

type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// show runs the whole show, and returns what it said.
func show(t *testing.T, limit int) (r results, said string, kept bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		unprotected, shop := newShop(), newShop()
		handler, pipeline := protect(shop, limit)
		introduce(&b, pipeline)
		r = run(&b, near(unprotected, unprotected), near(shop, handler), limit)
		tell(&b, r)
		kept = promises(&b, r)
		said = b.String()
	})
	return r, said, kept
}

func TestShow(t *testing.T) {
	r, said, kept := show(t, preset)
	if !kept || strings.Contains(said, "NOT KEPT") || strings.Contains(said, "too busy") {
		t.Error(said)
	}
	for _, s := range r.stages {
		if s.bare.all() != s.protected.all() || len(s.bare.refused) > 0 {
			t.Errorf("%v times: %d and %d requests, %d refused by the bare server", s.load, s.bare.all(), s.protected.all(), len(s.bare.refused))
		}
		most := min(s.load, 1) * capacity
		if s.protected.goodput() < 0.85*most {
			t.Errorf("%v times: the protected server answers %v a second in time", s.load, s.protected.goodput())
		}
		if enough := s.bare.goodput() > 0.85*most; enough != (s.load <= 1) || s.load > 1 && s.bare.goodput() > 0.5*most {
			t.Errorf("%v times: the bare server answers %v a second in time", s.load, s.bare.goodput())
		}
		if slowest := s.protected.good.quantile(100); slowest > r.longest() {
			t.Errorf("%v times: an answer of the protected server took %v", s.load, slowest)
		}
		if s.protected.begun != s.protected.finished || s.busy() {
			t.Errorf("%v times: %d queries begun, %d finished; busy: %v", s.load, s.protected.begun, s.protected.finished, s.busy())
		}
	}
	if strings.Count(said, "\nload ") != 1 || strings.Count(said, " x  bare ") != len(loads()) || strings.Count(said, "\n       protected ") != len(loads()) {
		t.Errorf("there is no table of all loads in\n%s", said)
	}
	if want := "everybody has the patience"; !strings.Contains(flat(said), want) {
		t.Errorf("no %q in\n%s", want, said)
	}
}

// With a limit that is too large the line is back, and the show says so.
func TestShowWithTooLargeALimit(t *testing.T) {
	_, said, kept := show(t, 100)
	if kept || !strings.Contains(said, "NOT KEPT: at 3.0 times the protected") || !strings.Contains(flat(said), "the limit is too large") {
		t.Error(said)
	}
}

// flat undoes the breaks of lines.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestRequestsOfTheFirstMomentsDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := newShop()
		refusing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { busy(w, r, nil) })
		bare, protected := near(shop, shop), near(newShop(), refusing)
		var passed []time.Duration
		at := []time.Duration{0, settles - 1, settles, settles}
		s := meet(0.5, at, bare, protected, func(at time.Duration) { passed = append(passed, at) })
		if !slices.Equal(passed, at) || len(s.delays) != 2 || s.load != 0.5 {
			t.Errorf("%v passed: %+v", passed, s)
		}
		if s.bare.begun != 4 || s.bare.finished != 4 || s.bare.most != 3 || s.protected.begun != 0 {
			t.Errorf("%+v", s)
		}
		if !slices.Equal(s.bare.good, latencies{takes, takes}) || !slices.Equal(s.protected.refused, latencies{0, 0}) {
			t.Errorf("%+v", s)
		}
		if again := meet(0.5, at[:1], bare, protected, func(time.Duration) {}); again.bare.begun != 1 {
			t.Errorf("%d queries begun for one request", again.bare.begun)
		}
	})
}

// told returns results as of a quiet machine, of the given loads.
func told() results {
	served := func(n int) outcome {
		return outcome{good: slices.Repeat(latencies{takes}, n), begun: int64(n), finished: int64(n), most: preset}
	}
	heavy := stage{load: 3, delays: latencies{0}, bare: served(0), protected: served(360)}
	heavy.bare.late = 1080
	heavy.protected.refused = slices.Repeat(latencies{time.Millisecond}, 720)
	return results{limit: preset, stages: []stage{{load: 0.5, delays: latencies{0}, bare: served(180), protected: served(180)}, heavy}}
}

func TestPromises(t *testing.T) {
	busy := latencies{tolerable + 1}
	late := slices.Repeat(latencies{takes}, 1000)
	for _, tt := range []struct {
		about  string
		change func(light, heavy *stage)
		kept   bool
		says   string
	}{
		{"all is well", func(_, _ *stage) {}, true, "kept:     at 3.0 times the protected"},
		{"as busy as can be", func(_, heavy *stage) { heavy.delays = latencies{tolerable} }, true, "kept:     at 3.0 times the protected"},
		{"late at half load", func(light, _ *stage) { light.protected.late = 6 }, false, "NOT KEPT: at 0.5 times both"},
		{"bare late at half load", func(light, _ *stage) { light.bare.late = 6 }, false, "NOT KEPT: at 0.5 times both"},
		{"some late at half load", func(light, _ *stage) { light.bare.late = 5 }, true, "97 %"},
		{"late at half load, busy", func(light, _ *stage) { light.bare.late, light.delays = 6, busy }, true, "too busy: at 0.5"},
		{"late at half load, busy elsewhere", func(light, heavy *stage) { light.bare.late, heavy.delays = 6, busy }, false, "NOT KEPT: at 0.5"},
		{"enough", func(_, heavy *stage) { heavy.protected.good = late[:252] }, true, "kept:     at 3.0 times the protected"},
		{"too little", func(_, heavy *stage) { heavy.protected.good = late[:251] }, false, "NOT KEPT: at 3.0 times the protected"},
		{"too little, busy", func(_, heavy *stage) { heavy.protected.good, heavy.delays = nil, busy }, true, "too busy: at 3.0 times the protected"},
		{"bare does well", func(_, heavy *stage) { heavy.bare.good = late[:181] }, false, "NOT KEPT: at 3.0 times the bare"},
		{"bare does half", func(_, heavy *stage) { heavy.bare.good = late[:180] }, true, "kept:     at 3.0 times the bare"},
		{"served late", func(_, heavy *stage) { heavy.protected.late = 12 }, false, "NOT KEPT: of what is not refused"},
		{"some served late", func(_, heavy *stage) { heavy.protected.late = 11 }, true, "360 of 371"},
		{"refused late", func(_, heavy *stage) { heavy.protected.refused = late }, false, "NOT KEPT: half of the refusals"},
		{"one too many", func(light, _ *stage) { light.protected.most = preset + 1 }, false, "NOT KEPT: never are more than 16"},
		{"one too many, busy", func(_, heavy *stage) { heavy.protected.most, heavy.delays = preset+1, busy }, false, "NOT KEPT: never are more"},
		{"any number in the bare server", func(_, heavy *stage) { heavy.bare.most = 1000 }, true, "kept:     never"},
		{"no hint", func(_, heavy *stage) { heavy.protected.unhinted = 1 }, false, "NOT KEPT: each refusal says when to come back: 719 of 720"},
		{"all hints", func(light, _ *stage) { light.protected.refused = late[:1] }, true, "kept:     each refusal says when to come back: 721 of 721"},
		{"something else", func(light, _ *stage) { light.bare.failed = []error{io.EOF} }, false, "NOT KEPT: nothing else"},
		{"something else, protected", func(_, heavy *stage) { heavy.protected.failed = []error{io.EOF} }, false, "NOT KEPT: nothing else"},
	} {
		r := told()
		tt.change(&r.stages[0], &r.stages[1])
		var said strings.Builder
		if kept := promises(&said, r); kept != tt.kept {
			t.Errorf("%s: that all is kept is said to be %v", tt.about, kept)
		}
		if !strings.Contains(said.String(), tt.says) {
			t.Errorf("%s: there is no %q in\n%s", tt.about, tt.says, &said)
		}
	}
}

func TestStory(t *testing.T) {
	for _, tt := range []struct {
		about  string
		change func(light, heavy *stage)
		says   string
		omits  string
	}{
		{"quiet", func(_, _ *stage) {}, "in time, and the protected one 200.", "busy"},
		{"refusals", func(_, _ *stage) {}, "The others, 67 %, are refused after 1.0 ms in the median", "That has a price"},
		{"no refusals", func(_, heavy *stage) { heavy.protected.refused = nil }, "The protected server's began", "The others"},
		{"early refusals", func(light, _ *stage) { light.protected.refused = latencies{1, 2} }, "2 requests were refused at 0.5 times", ""},
		{"busy", func(light, _ *stage) { light.delays = latencies{2 * tolerable} }, "busy with something else at 0.5 times: one request in a hundred " +
			"was made more than 100 ms late", "at 3.0 times: one"},
		{"failed", func(_, heavy *stage) { heavy.bare.failed = []error{errors.New("no route"), io.EOF} }, "2 requests failed otherwise at 3.0 times, " +
			"the first with: no route.", ""},
	} {
		r := told()
		tt.change(&r.stages[0], &r.stages[1])
		var said strings.Builder
		tell(&said, r)
		text := flat(said.String())
		if !strings.Contains(text, tt.says) || tt.omits != "" && strings.Contains(text, tt.omits) {
			t.Errorf("%s: %q is to be in this, and %q not:\n%s", tt.about, tt.says, tt.omits, &said)
		}
	}
}

func TestTextFitsTheTerminal(t *testing.T) {
	_, said, _ := show(t, preset)
	for line := range strings.Lines(said) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.HasSuffix(line, " \n") || strings.Contains(line, "\u00a0") || strings.Contains(line, "%!") {
			t.Errorf("something that does not belong there: %q", line)
		}
	}
}

func TestBar(t *testing.T) {
	for share, want := range map[float64]int{0: 0, 0.03: 0, 0.04: 1, 0.5: 8, 0.97: 16, 1.2: 16} {
		if got := bar(share); strings.Count(got, "█") != want || len([]rune(got)) != 16 {
			t.Errorf("%v is drawn as %q", share, got)
		}
	}
}
