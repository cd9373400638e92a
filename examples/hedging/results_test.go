package main

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ductile-go/ductile/hedge"
)

// stalled returns results as of a quiet machine: 980 calls take from 2 to 12 ms, and 20 met a stall of 100 to 250 ms, or take 10 to 20 ms
// with hedging.
func stalled() results {
	client := func(shortest, longest time.Duration) (o outcome) {
		add := func(n int, from, to time.Duration, stalled bool) {
			for i := range n {
				o.add(from+(to-from)*time.Duration(i)/time.Duration(n-1), stalled, false, nil)
			}
		}
		add(980, 2*time.Millisecond, 12*time.Millisecond, false)
		add(20, shortest, longest, true)
		o.sort()
		o.requests = 1000
		return o
	}
	r := results{
		waiting: client(shortStall, longStall),
		hedging: client(10*time.Millisecond, 20*time.Millisecond),
		found:   hedge.Snapshot{Known: true, Delay: 9 * time.Millisecond},
		watched: 200, watching: time.Second,
		delays: latencies{8 * time.Millisecond, 8 * time.Millisecond, 9 * time.Millisecond},
		sent:   1250,
	}
	r.hedging.requests, r.hedging.second = 1050, 20
	return r
}

// disturbed is what is left of stalled when the machine is busy: of the calls without a stall, too, so many thousandths take 150 ms longer.
func disturbed(thousandths int) results {
	r := stalled()
	for _, o := range []*outcome{&r.waiting, &r.hedging} {
		for i := range o.smooth {
			if i%1000 < thousandths {
				o.smooth[i] += 150 * time.Millisecond
			}
		}
		o.took = slices.Concat(o.smooth, o.stalled)
		o.sort()
	}
	return r
}

func TestOutcome(t *testing.T) {
	var o outcome
	o.add(2*time.Millisecond, true, true, nil)
	o.add(3*time.Millisecond, false, false, nil)
	o.add(1*time.Millisecond, false, false, io.EOF)
	o.sort()
	if !slices.Equal(o.took, upTo(3)) || len(o.stalled) != 1 || !slices.IsSorted(o.smooth) || o.failed != 1 || o.second != 1 {
		t.Errorf("%+v", o)
	}
}

func TestIntroduction(t *testing.T) {
	var said strings.Builder
	introduce(&said, waiting())
	text := strings.Join(strings.Fields(said.String()), " ")
	if want := "stalls on 8 % of its requests, for 100 ms to 250 ms"; !strings.Contains(text, want) || !strings.Contains(text, `pipeline "inventory"`) {
		t.Errorf("%q is to be in %s", want, text)
	}
}

func TestPromises(t *testing.T) {
	tests := []struct {
		about  string
		change func(*results)
		kept   bool
		says   string
	}{
		{"all is well", func(*results) {}, true, "kept:     the p99"},
		{"one call in a thousand fails", func(r *results) { r.hedging.failed = 1 }, true, "999 of 1000"},
		{"more fail", func(r *results) { r.hedging.failed = 2 }, false, "NOT KEPT: 99.9 %"},
		{"the budget is spent", func(r *results) { r.sent = 1440 }, true, "240 of 1200"},
		{"the budget is overspent", func(r *results) { r.sent = 1441 }, false, "NOT KEPT: copies"},
		{"nothing is hedged", func(r *results) { r.hedging = r.waiting }, false, "NOT KEPT: the p50"},
		{"nothing is hedged, and the p99 says so", func(r *results) { r.hedging = r.waiting }, false, "NOT KEPT: the p99"},
		{"the machine is busy", func(r *results) { *r = disturbed(20) }, true, "too busy: the p99"},
		{"the machine is busy, and stalls are judged", func(r *results) { *r = disturbed(20) }, true, "kept:     the p50"},
		{"the machine is busy and nothing is hedged", func(r *results) {
			*r = disturbed(20)
			r.hedging = r.waiting
		}, false, "NOT KEPT: the p50"},
		{"the machine is so busy that nothing can be said", func(r *results) {
			*r = disturbed(600)
			r.hedging = r.waiting
			r.hedging.failed = 20
		}, true, "too busy: the p50"},
		{"the machine is busy and the budget refuses most copies", func(r *results) {
			*r = disturbed(20)
			r.hedging = r.waiting
			r.hedge.Launched, r.hedge.Refused = 100, 101
		}, true, "too busy: the p50"},
		{"the machine is busy and the budget refuses half", func(r *results) {
			*r = disturbed(20)
			r.hedging = r.waiting
			r.hedge.Launched, r.hedge.Refused = 100, 100
		}, false, "NOT KEPT: the p50"},
		{"the budget refuses most copies for no reason", func(r *results) {
			r.hedging = r.waiting
			r.hedge.Launched, r.hedge.Refused = 100, 101
		}, false, "NOT KEPT: the p50"},
		{"the machine is so busy, and the budget is overspent", func(r *results) {
			*r = disturbed(600)
			r.sent = 1441
		}, false, "NOT KEPT: copies"},
	}
	for _, tt := range tests {
		r := stalled()
		tt.change(&r)
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
	quiet := stalled()
	tests := []struct {
		about    string
		settings settings
		change   func(*results)
		says     string
		omits    string
	}{
		{"quiet", settings{percentile: 0.95}, func(*results) {}, "within 8.0 to 9.0 ms, as 95 % are, got", "busy"},
		{"busy", settings{percentile: 0.95}, func(r *results) { *r = disturbed(20) }, "busy with something else", ""},
		{"steady delay", settings{percentile: 0.95}, func(r *results) { r.delays = r.delays[:2] }, "within 8.0 ms, as", " to 8.0"},
		{"longest delay", settings{percentile: 0.95}, func(r *results) { r.delays[2] = maxDelay }, "8.0 to 50 ms got", "as 95"},
		{"fixed delay", settings{percentile: 0.95, delay: 8 * time.Millisecond}, func(*results) {}, "8.0 to 9.0 ms got", "as 95"},
		{"unknown delay", settings{}, func(r *results) { r.delays = nil }, "made no copies", "got a second copy"},
		{"refused", settings{}, func(r *results) { r.found.Refused, r.hedge.Refused = 3, 10 }, "The budget refused 7 more.", ""},
		{"refused before", settings{}, func(r *results) { r.found.Refused, r.hedge.Refused = 3, 3 }, "", "budget"},
		{"no change", settings{}, func(r *results) { r.hedging = r.waiting }, "about the same", ""},
		{"worse", settings{}, func(r *results) { r.hedging, r.waiting = quiet.waiting, quiet.hedging }, "times as much", "times less"},
	}
	for _, tt := range tests {
		r := stalled()
		tt.change(&r)
		var said strings.Builder
		tell(&said, tt.settings, r)
		text := strings.Join(strings.Fields(said.String()), " ")
		if !strings.Contains(text, tt.says) || tt.omits != "" && strings.Contains(text, tt.omits) {
			t.Errorf("%s: %q is to be in this, and %q not:\n%s", tt.about, tt.says, tt.omits, &said)
		}
	}
}

func TestWatched(t *testing.T) {
	for _, tt := range []struct {
		settings settings
		found    hedge.Snapshot
		says     string
	}{
		{settings{}, hedge.Snapshot{Known: true, Delay: 9 * time.Millisecond}, "than 9.0 ms, and"},
		{settings{}, hedge.Snapshot{}, "not enough"},
		{settings{delay: 9 * time.Millisecond}, hedge.Snapshot{Known: true, Delay: 9 * time.Millisecond}, "To open connections"},
	} {
		r := stalled()
		r.found = tt.found
		var said strings.Builder
		watched(&said, tt.settings, r)
		if text := said.String(); !strings.Contains(text, tt.says) || !strings.Contains(text, "200 calls for 1s") {
			t.Errorf("%q is not in %q", tt.says, text)
		}
	}
}

func TestChange(t *testing.T) {
	const s = time.Second
	for want, times := range map[string][2]time.Duration{
		"14 times less":      {14 * s, 1 * s},
		"10 times less":      {10 * s, 1 * s},
		"1.5 times less":     {3 * s, 2 * s},
		"1.1 times less":     {11 * s, 10 * s},
		"about the same":     {10 * s, 10 * s},
		"1.2 times as much":  {10 * s, 12 * s},
		"9.9 times as much":  {10 * s, 99 * s},
		"1234 times as much": {1 * s, 1234 * s},
	} {
		if got := change(times[0], times[1]); got != want {
			t.Errorf("%v after %v is %q, not %q", times[1], times[0], got, want)
		}
	}
}

func TestAnyOf(t *testing.T) {
	for slow, want := range map[float64]string{0: "0.0 %", 0.01: "18.2 %", 1: "100.0 %"} {
		if got := percent(anyOf(slow)); got != want {
			t.Errorf("of pages with calls of which %v are slow %s are slow, not %s", slow, got, want)
		}
	}
}

func TestMark(t *testing.T) {
	a := axis{low: time.Millisecond, high: 100 * time.Millisecond}
	for at, want := range map[time.Duration]string{
		1 * time.Millisecond:   "↑ here",
		10 * time.Millisecond:  strings.Repeat(" ", 32) + "↑ here",
		90 * time.Millisecond:  strings.Repeat(" ", 57) + "here ↑",
		500 * time.Millisecond: strings.Repeat(" ", 58) + "here ↑",
	} {
		if got := a.mark(at, "here"); got != want {
			t.Errorf("the mark of %v is %q, not %q", at, got, want)
		}
	}
}

func TestTextFitsTheTerminal(t *testing.T) {
	r := disturbed(20)
	r.hedge.Refused = 1000
	for about, show := range map[string]func(io.Writer){
		"table":    func(w io.Writer) { table(w, r) },
		"intro":    func(w io.Writer) { introduce(w, waiting()) },
		"late":     func(w io.Writer) { plot(w, r.waiting.took, r.hedging.took, longStall) },
		"plot":     func(w io.Writer) { plot(w, r.waiting.took, r.hedging.took, 9*time.Millisecond) },
		"story":    func(w io.Writer) { tell(w, settings{percentile: 0.95}, r) },
		"promises": func(w io.Writer) { promises(w, r) },
		"watched":  func(w io.Writer) { watched(w, settings{}, r) },
	} {
		var said strings.Builder
		show(&said)
		for line := range strings.Lines(said.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
				t.Errorf("%s: %d columns: %s", about, n, line)
			}
			if strings.HasSuffix(line, " \n") || strings.Contains(line, "\u00a0") {
				t.Errorf("%s: a blank that does not belong there: %q", about, line)
			}
		}
		if text := said.String(); strings.Contains(text, "%!") {
			t.Errorf("%s: %s", about, text)
		}
	}
}
