package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// told returns results as of a quiet machine: 100 requests to each host in each phase. Of the bare client's 12 fail where there is a blip,
// and all in the outage. The protected client fails in the outage alone, with three attempts in ten, and with what posts lose.
func told() results {
	r := results{day: badDay(), bare: side{borne: map[string][]count{}}, protected: side{borne: map[string][]count{}, heeded: 5}}
	r.seen = []string{"  5.1s  reviews  closed → open: too large a share of calls failed (16 of 31)"}
	for i, p := range r.day {
		for _, host := range hostNames() {
			bare, protected := 0, 0
			bore := count{100, 1}
			switch {
			case p.faults[host].stuck == 1:
				bare, protected = 100, 100
				bore = count{30, 30}
			case p.faults[host].stuck > 0:
				bare = 12
				if host == orders {
					protected = 12
				}
			}
			r.bare.add(i, host, bare, errors.New("no answer"), timeout)
			r.protected.add(i, host, protected, &breaker.OpenError{Name: "shop breaker"}, time.Millisecond)
			r.bare.borne[host] = append(r.bare.borne[host], count{100, 1 + bare})
			r.protected.borne[host] = append(r.protected.borne[host], bore)
		}
	}
	return r
}

// add adds 100 requests, of which some fail. They are due from the beginning of the phase to its end.
func (s *side) add(phase int, host string, failed int, err error, took time.Duration) {
	for i := range 100 {
		r := result{phase: phase, host: host, at: badDay()[phase].length * time.Duration(i) / 100}
		if i*failed/100 != (i+1)*failed/100 {
			r.end(err, took)
		} else {
			r.end(nil, takes)
		}
		s.ended = append(s.ended, r)
	}
}

// spoil has the first requests fail that are so late in a phase.
func (s *side) spoil(phase int, host string, from time.Duration, n int) {
	for i := range s.ended {
		if r := &s.ended[i]; r.phase == phase && r.host == host && r.at >= from && r.err == nil && n > 0 {
			r.end(errors.New("spoilt"), timeout)
			n--
		}
	}
}

func TestTally(t *testing.T) {
	r := told()
	blip, outage := r.phase("blip"), r.phase("outage")
	if got := r.bare.tally(blip, []string{prices, reviews}, 0); got.all != 200 || got.answered != 188 || got.failed() != 12 || len(got.failures) != 12 ||
		len(got.took) != 200 || !slices.IsSorted(got.took) || len(got.refused) != 0 {
		t.Errorf("%+v", got)
	}
	if got := r.protected.tally(outage, []string{reviews}, r.day[outage].length/2); got.all != 50 || len(got.refused) != 50 ||
		!strings.Contains(got.refused[0], "shop breaker") {
		t.Errorf("%+v", got)
	}
	if got := r.bare.bore(outage, hostNames()); got != (count{300, 103}) {
		t.Errorf("%+v", got)
	}
	mixed := side{ended: []result{{err: fault.ErrRejected, took: 2}, {err: fault.ErrRejected, took: 1}}}
	if got := mixed.tally(0, []string{""}, 0); !slices.Equal(got.failures, latencies{1, 2}) {
		t.Errorf("%v", got.failures)
	}
	// A request whose repeat was refused was made, and so it is not one that was refused.
	repeat := side{ended: []result{{err: fault.End(fmt.Errorf("gave up: %w", breaker.ErrOpen), fault.ClassTimeout)}}}
	if got := repeat.tally(0, []string{""}, 0); got.failed() != 1 || len(got.refused) != 0 {
		t.Errorf("%+v", got)
	}
	if r.phase("blip") != 1 || r.phase("party") != -1 {
		t.Error("phases are not found by their names")
	}
}

func TestPromises(t *testing.T) {
	blip, outage, recovery := 1, 2, 3
	for _, tt := range []struct {
		about  string
		change func(*results)
		kept   bool
		says   string
	}{
		{"all is well", func(*results) {}, true, "kept:     99 % are answered while all is well: 300 of 300"},
		{"some fail for no reason", func(r *results) { r.protected.spoil(0, prices, 0, 3) }, true, "297 of 300"},
		{"more fail for no reason", func(r *results) { r.protected.spoil(0, prices, 0, 4) }, false, "NOT KEPT: 99 %"},
		{"some fail in the blip", func(r *results) { r.protected.spoil(blip, prices, 0, 3) }, true, "97 of 100"},
		{"more fail in the blip", func(r *results) { r.protected.spoil(blip, prices, 0, 4) }, false, "NOT KEPT: 97 % are answered by prices"},
		{"orders fail with keys", func(r *results) { r.keys = true }, false, "NOT KEPT: 97 % are answered by orders"},
		{"an order is placed twice", func(r *results) { r.protected.twice = 1 }, false, "NOT KEPT: no order is placed twice: 1"},
		{"the bare client may do so", func(r *results) { r.bare.twice = 1 }, true, "twice: 0"},
		{"a repeat comes early", func(r *results) { r.protected.early = 1 }, false, "NOT KEPT: who is told when to come back comes no sooner: 1 of 6"},
		{"the outage spreads a little", func(r *results) { r.protected.spoil(outage, prices, 0, 6) }, true, "194 of 200"},
		{"the outage spreads", func(r *results) { r.protected.spoil(outage, orders, 0, 7) }, false, "NOT KEPT: 97 % are answered by the others"},
		{"failures are slow at first", func(r *results) { r.slow(outage, 0, opened+time.Second/2) }, true, "at most: 1.0 ms"},
		{"failures stay slow", func(r *results) { r.slow(outage, opened, time.Hour) }, false, "NOT KEPT: from 1.5s on"},
		{"reviews is asked half as often", func(r *results) { r.protected.borne[reviews][outage].requests = 50 }, true, "50, not 100"},
		{"reviews is asked more often", func(r *results) { r.protected.borne[reviews][outage].requests = 51 }, false, "NOT KEPT: reviews gets half"},
		{"it takes a while to recover", func(r *results) { r.protected.spoil(recovery, reviews, 0, 66) }, true, "99 of 99"},
		{"it does not recover", func(r *results) { r.protected.spoil(recovery, reviews, recovered, 4) }, false, "NOT KEPT: 97 % are answered from 2s"},
		{"as busy as can be", func(r *results) {
			r.disturb(attempt / 2)
			r.protected.spoil(0, prices, 0, 4)
		}, false, "NOT KEPT: 99 %"},
		{"busy, and all is well", func(r *results) { r.disturb(attempt) }, true, "kept:     99 %"},
		{"busy, and a repeat comes early", func(r *results) {
			r.disturb(attempt)
			r.protected.early = 1
		}, false, "NOT KEPT: who is told"},
		{"busy", func(r *results) {
			r.disturb(attempt/2 + 1)
			r.protected.spoil(0, prices, 0, 4)
			r.slow(outage, opened, time.Hour)
			r.protected.borne[reviews][outage].requests = 51
		}, true, "too busy: 99 %"},
		{"busy, and an order is placed twice", func(r *results) {
			r.disturb(attempt)
			r.protected.twice = 1
		}, false, "NOT KEPT: no order"},
	} {
		r := told()
		tt.change(&r)
		var said strings.Builder
		if kept := promises(&said, r); kept != tt.kept {
			t.Errorf("%s: that all is kept is said to be %v:\n%s", tt.about, kept, &said)
		}
		if !strings.Contains(said.String(), tt.says) {
			t.Errorf("%s: there is no %q in\n%s", tt.about, tt.says, &said)
		}
		if broken := strings.Count(said.String(), "NOT KEPT"); broken > 1 {
			t.Errorf("%s: %d promises are broken", tt.about, broken)
		}
	}
}

// slow has the protected client's failures take long that were due in a part of a phase.
func (r *results) slow(phase int, from, to time.Duration) {
	for i := range r.protected.ended {
		if e := &r.protected.ended[i]; e.phase == phase && e.host == reviews && e.at >= from && e.at <= to {
			e.took = attempt
		}
	}
}

// disturb has two of a hundred answers of the bare client take long.
func (r *results) disturb(took time.Duration) {
	for i := range r.bare.ended {
		if i%50 == 0 {
			r.bare.ended[i].end(nil, took)
		}
	}
}

func TestStory(t *testing.T) {
	for _, tt := range []struct {
		about       string
		change      func(*results)
		says, omits string
	}{
		{"quiet", func(*results) {}, "In the blip 12 of 100 requests to prices failed without protection. With it they were made again, and 0 failed.", "busy"},
		{"orders", func(*results) {}, "Of the orders 12 failed without protection, and 12 with it", "Idempotency-Key"},
		{"orders with keys", func(r *results) { r.keys = true }, "12 failed without protection, 12 with it", "With -keys"},
		{"nobody waits", func(*results) {}, "", "After a 503"},
		{"who is told to wait", func(r *results) { r.protected.spoil(1, prices, 0, 2) }, "so the p99 is 2000 ms", ""},
		{"outage", func(*results) {}, "that takes 2000 ms, and nearly always a new connection: 101 of them. With it the host is asked 30 times", "share a breaker"},
		{"refusals", func(r *results) { r.protected.add(2, reviews, 1, fault.ErrRejected, 0) }, "101 of 200 were refused at once, the last of them with: " +
			fault.ErrRejected.Error(), ""},
		{"shared", func(r *results) {
			r.shared = true
			r.protected.spoil(2, prices, 0, 9)
		}, "all hosts share a breaker, and so 9 requests", "of its own"},
		{"no price", func(*results) {}, "", "That has a price"},
		{"a price", func(r *results) { r.protected.add(3, reviews, 7, fault.ErrRejected, 0) }, "7 more requests were refused", ""},
		{"busy", func(r *results) { r.disturb(attempt) }, "one in a hundred answers took longer than 300 ms", ""},
	} {
		r := told()
		tt.change(&r)
		var said strings.Builder
		tell(&said, r)
		text := flat(said.String())
		if !strings.Contains(text, tt.says) || tt.omits != "" && strings.Contains(text, tt.omits) {
			t.Errorf("%s: %q is to be in this, and %q not:\n%s", tt.about, tt.says, tt.omits, &said)
		}
	}
}

func TestJournal(t *testing.T) {
	var j journal
	j.begin()
	at := j.start.Add(1250 * time.Millisecond)
	j.write("reviews.internal", breaker.Transition{From: breaker.Closed, To: breaker.Open, At: at, Cause: breaker.CauseFailureRate,
		Counts: breaker.Counts{Calls: 40, Failures: 20}})
	j.write("all", breaker.Transition{From: breaker.Open, To: breaker.HalfOpen, At: at, Cause: breaker.CauseTimeUp, Counts: breaker.Counts{Calls: 1}})
	j.write("all", breaker.Transition{From: breaker.HalfOpen, To: breaker.Open, At: at, Cause: breaker.CauseProbeExpired})
	want := []string{
		"  1.2s  reviews  closed → open: too large a share of calls failed (20 of 40)",
		"  1.2s  all      open → half-open: time to probe",
		"  1.2s  all      half-open → open: " + breaker.CauseProbeExpired.String(),
	}
	if got := j.all(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestQuantile(t *testing.T) {
	hundred := make(latencies, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, tt := range []struct {
		of         latencies
		hundredths int
		want       time.Duration
	}{
		{nil, 50, 0}, {hundred[:1], 0, 1}, {hundred[:1], 100, 1}, {hundred[:2], 50, 1}, {hundred[:3], 50, 2}, {hundred, 99, 99}, {hundred, 100, 100},
	} {
		if got := tt.of.quantile(tt.hundredths); got != tt.want {
			t.Errorf("the quantile %d of %d is %v, not %v", tt.hundredths, len(tt.of), got, tt.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0 ms", 1250 * time.Microsecond: "1.2 ms", 9949 * time.Microsecond: "9.9 ms", 9950 * time.Microsecond: "10 ms", 2 * time.Second: "2000 ms",
	} {
		if got := ms(d); got != want {
			t.Errorf("%v is printed as %q, not %q", d, got, want)
		}
	}
	for _, tt := range []struct {
		part, whole int
		want        string
	}{{0, 0, "-"}, {0, 3, "0.0 %"}, {1, 3, "33.3 %"}, {9999, 10_000, "99.9 %"}, {3, 3, "100.0 %"}} {
		if got := percent(tt.part, tt.whole); got != tt.want {
			t.Errorf("%d of %d is printed as %q, not %q", tt.part, tt.whole, got, tt.want)
		}
	}
}

func TestText(t *testing.T) {
	var said strings.Builder
	paragraph(&said, strings.Repeat("x", 76)+" 5 ms or 10 %")
	quote(&said, strings.Repeat("y", 75)+" z")
	want := strings.Repeat("x", 76) + "\n5 ms or 10 %\n\n    " + strings.Repeat("y", 75) + "\n    z\n\n"
	if said.String() != want {
		t.Errorf("%q", &said)
	}
}
