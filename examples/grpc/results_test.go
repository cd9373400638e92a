package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// told returns results as of a quiet machine: 100 calls of each method in each act, and 100 by others while there is a crowd.
func told() results {
	r := results{day: badDay(), delays: latencies{0}, bare: outcome{came: map[string][]int{}}, protected: outcome{came: map[string][]int{}}}
	r.seen = []string{"  5.1s  Quote    closed → open: too large a share of calls failed (16 of 31)"}
	r.protected.over, r.protected.told, r.protected.heeded = 50, 50, 5
	for i, a := range r.day {
		for _, method := range methods() {
			f := a.faults[method]
			bare, protected, came := int(100*(f.fails+f.hangs)), int(100*f.hangs), 100-int(70*f.hangs)
			switch {
			case method == reserve:
				protected = bare
			case a.name == "restarts":
				bare = 20
			case a.crowd > 0:
				bare = 50
			}
			r.bare.add(i, method, false, bare, errors.New("no answer"), deadline)
			r.protected.add(i, method, false, protected, &breaker.OpenError{Name: "Quote breaker"}, time.Millisecond)
			if f.stalls > 0 {
				r.bare.slow(i, method, 10)
			}
			r.bare.came[method] = append(r.bare.came[method], 100)
			r.protected.came[method] = append(r.protected.came[method], came)
		}
		for _, o := range []*outcome{&r.bare, &r.protected} {
			if a.crowd > 0 {
				o.add(i, get, true, 80, status.Error(codes.ResourceExhausted, "later"), time.Millisecond)
			}
			for range 10 {
				o.health = append(o.health, sighting{i, serving})
			}
		}
	}
	return r
}

// add adds 100 calls, of which some fail. They are due from the beginning of the act to its end.
func (o *outcome) add(act int, method string, crowd bool, failed int, err error, took time.Duration) {
	for i := range 100 {
		r := result{act: act, method: method, crowd: crowd, at: badDay()[act].length * time.Duration(i) / 100}
		if i*failed/100 != (i+1)*failed/100 {
			r.end(err, took)
		} else {
			r.end(nil, takes)
		}
		o.ended = append(o.ended, r)
	}
}

// spoil has the first calls fail that are so late in an act.
func (o *outcome) spoil(act int, method string, from time.Duration, n int) {
	for i := range o.ended {
		if r := &o.ended[i]; r.act == act && r.method == method && !r.crowd && r.at >= from && r.err == nil && n > 0 {
			r.end(errors.New("spoilt"), deadline)
			n--
		}
	}
}

// slow has the first answers of an act take as long as one that stalls.
func (o *outcome) slow(act int, method string, n int) {
	for i := range o.ended {
		if r := &o.ended[i]; r.act == act && r.method == method && r.err == nil && n > 0 {
			r.took = stall
			n--
		}
	}
}

// hold has failures take long that were due in a part of the outage.
func (o *outcome) hold(from, to time.Duration) {
	for i := range o.ended {
		if r := &o.ended[i]; r.act == 3 && r.method == quote && r.at >= from && r.at <= to {
			r.took = attempt
		}
	}
}

func TestTally(t *testing.T) {
	r := told()
	flaky, outage, crowd := r.act("flaky"), r.act("outage"), r.act("crowd")
	if got := r.bare.tally(flaky, row{methods: []string{get, quote}}, 0); got.all != 200 || got.answered != 190 || got.failed() != 10 || got.slow != 20 ||
		len(got.took) != 200 || !slices.IsSorted(got.took) || len(got.failures) != 10 || len(got.refused) != 0 {
		t.Errorf("%+v", got)
	}
	if got := r.protected.tally(outage, row{methods: []string{quote}}, r.day[outage].length/2); got.all != 50 || len(got.refused) != 50 ||
		!strings.Contains(got.refused[0], "Quote breaker") {
		t.Errorf("%+v", got)
	}
	if got := r.protected.tally(crowd, row{methods: []string{get}, crowd: true}, 0); got.all != 100 || got.answered != 20 || len(got.refused) != 0 {
		t.Errorf("%+v", got)
	}
	if got := r.protected.bore(outage, row{methods: methods()}); got != 330 {
		t.Errorf("%d came", got)
	}
	if got := r.protected.bore(crowd, row{methods: []string{get}, crowd: true}); got != 100 {
		t.Errorf("%d of the crowd came", got)
	}
	r.protected.came[get][crowd] = 7
	if got := r.protected.bore(crowd, row{methods: []string{get}, crowd: true}); got != 100 {
		t.Errorf("of the crowd came what came of others: %d", got)
	}
	r.protected.health[len(r.protected.health)-1].status = unreachable
	if asked, served := r.protected.sightings(crowd); asked != 10 || served != 9 {
		t.Errorf("served %d of %d times", served, asked)
	}
	mixed := outcome{ended: []result{{err: fault.ErrRejected, took: 2}, {err: fault.ErrRejected, took: 1}}}
	if got := mixed.tally(0, row{methods: []string{""}}, 0); !slices.Equal(got.failures, latencies{1, 2}) {
		t.Errorf("%v", got.failures)
	}
	if r.act("flaky") != 1 || r.act("party") != -1 {
		t.Error("acts are not found by their names")
	}
}

func TestPromises(t *testing.T) {
	const calm, flaky, restarts, outage, recovery, crowd = 0, 1, 2, 3, 4, 5
	busy := func(r *results) { r.delays = latencies{tolerable + 1} }
	for _, tt := range []struct {
		about  string
		change func(*results)
		kept   bool
		says   string
	}{
		{"all is well", func(*results) {}, true, "kept:     99 % of all calls are answered while all is well: 400 of 400"},
		{"some fail for no reason", func(r *results) { r.protected.spoil(calm, get, 0, 4) }, true, "396 of 400"},
		{"more fail for no reason", func(r *results) { r.protected.spoil(calm, watch, 0, 5) }, false, "NOT KEPT: 99 %"},
		{"some fail while flaky", func(r *results) { r.protected.spoil(flaky, get, 0, 6) }, true, "194 of 200"},
		{"more fail while flaky", func(r *results) { r.protected.spoil(flaky, watch, 0, 7) }, false, "NOT KEPT: 97 % of Get and Watch"},
		{"orders fail while flaky", func(r *results) { r.protected.spoil(flaky, reserve, 0, 50) }, true, "no order is reserved twice: 0"},
		{"some quotes are slow", func(r *results) { r.protected.slow(flaky, quote, 3) }, true, "3, not 10"},
		{"more quotes are slow", func(r *results) { r.protected.slow(flaky, quote, 4) }, false, "NOT KEPT: a third as many quotes"},
		{"quotes fail in place of being slow", func(r *results) { r.protected.spoil(flaky, quote, 0, 4) }, false, "NOT KEPT: a third as many quotes"},
		{"some fail in the restarts", func(r *results) { r.protected.spoil(restarts, quote, 0, 15) }, true, "285 of 300"},
		{"more fail in the restarts", func(r *results) { r.protected.spoil(restarts, get, 0, 16) }, false, "NOT KEPT: 95 % of what changes nothing"},
		{"orders fail in the restarts", func(r *results) { r.protected.spoil(restarts, reserve, 0, 50) }, true, "300 of 300"},
		{"an order is reserved twice", func(r *results) { r.protected.twice = 1 }, false, "NOT KEPT: no order is reserved twice: 1"},
		{"the bare one may do so", func(r *results) { r.bare.twice, r.bare.missing = 1, 1 }, true, "twice: 0"},
		{"an order is missing", func(r *results) { r.protected.missing = 1 }, false, "NOT KEPT: none that was answered is missing: 1"},
		{"the outage spreads a little", func(r *results) { r.protected.spoil(outage, get, 0, 9) }, true, "291 of 300"},
		{"the outage spreads", func(r *results) { r.protected.spoil(outage, reserve, 0, 10) }, false, "NOT KEPT: 97 % of the others"},
		{"failures are slow at first", func(r *results) { r.protected.hold(0, opened+time.Second/4) }, true, "at most: 1.0 ms"},
		{"failures stay slow", func(r *results) { r.protected.hold(opened, time.Hour) }, false, "NOT KEPT: from 1.25s on"},
		{"a quarter fewer quotes come", func(r *results) { r.protected.came[quote][outage] = 75 }, true, "75, not 100"},
		{"more come", func(r *results) { r.protected.came[quote][outage] = 76 }, false, "NOT KEPT: a quarter fewer"},
		{"it takes a while to recover", func(r *results) { r.protected.spoil(recovery, quote, 0, 67) }, true, "33 of 33"},
		{"it does not recover", func(r *results) { r.protected.spoil(recovery, quote, recovered, 2) }, false, "NOT KEPT: 95 % of the quotes"},
		{"some fail with the crowd", func(r *results) { r.protected.spoil(crowd, quote, 0, 15) }, true, "285 of 300"},
		{"more fail with the crowd", func(r *results) { r.protected.spoil(crowd, watch, 0, 16) }, false, "NOT KEPT: 95 % of the others are answered while"},
		{"what the crowd calls fails", func(r *results) { r.protected.spoil(crowd, get, 0, 100) }, true, "300 of 300"},
		{"it does not say that it serves", func(r *results) { r.protected.health[59].status = "NOT_SERVING" }, false, "NOT KEPT: the server says meanwhile"},
		{"it does not say so before", func(r *results) { r.protected.health[49].status = "NOT_SERVING" }, true, "10 of 10 times"},
		{"who is above the quota is not told", func(r *results) { r.protected.told-- }, false, "NOT KEPT: who is above the quota is told when to come back: 49 of 50"},
		{"who is told comes early", func(r *results) { r.protected.early = 1 }, false, "NOT KEPT: who is told comes no sooner: 1 of 6"},
		{"as busy as can be", func(r *results) {
			r.delays = latencies{tolerable}
			r.protected.spoil(calm, get, 0, 5)
		}, false, "NOT KEPT: 99 %"},
		{"busy, and all is well", busy, true, "kept:     99 %"},
		{"busy, and an order is missing", func(r *results) {
			busy(r)
			r.protected.missing = 1
		}, false, "NOT KEPT: none that was answered"},
		{"busy", func(r *results) {
			busy(r)
			r.protected.spoil(calm, get, 0, 100)
			r.protected.hold(opened, time.Hour)
			r.protected.came[quote][outage], r.protected.early = 100, 1
		}, true, "too busy: 99 %"},
		{"slow while all is well", func(r *results) {
			r.bare.slow(calm, get, 100)
			r.protected.spoil(calm, get, 0, 5)
		}, true, "too busy: 99 %"},
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

func TestStory(t *testing.T) {
	for _, tt := range []struct {
		about       string
		change      func(*results)
		says, omits string
	}{
		{"quiet", func(*results) {}, "Of Get and Watch 20 of 200 calls failed without protection. With it they were made again, a stream since it had had " +
			"no message yet, and 0 failed. 10 quotes needed 200 ms or more without protection. With it each that was slow was asked for a second time: 0 did, and the p99", "busy"},
		{"a tail", func(*results) {}, "the p99 is 20 ms, not 300 ms", ""},
		{"orders", func(*results) {}, "Of Reserve 10 failed without protection, and 10 with it", ""},
		{"restarts", func(r *results) { r.protected.spoil(2, quote, 0, 2) }, "60 of 300 calls of Get, Quote and Watch failed without protection, and 2 with it.", ""},
		{"outage", func(*results) {}, "without protection after 500 ms, with it half of them after 1.0 ms at most, and 30 calls come to the server, not 100.",
			"That has a price"},
		{"refusals", func(*results) {}, "100 of 100 were refused at once, the last of them with: Unknown: Quote breaker", "That has a price"},
		{"a price", func(r *results) { r.protected.add(4, quote, false, 7, fault.ErrRejected, 0) }, "7 more calls were refused", ""},
		{"crowd", func(r *results) { r.protected.spoil(5, quote, 0, 3) }, "100 of 300 calls of Quote, Reserve and Watch found no answer in time. The protected " +
			"one let 80 calls of Get a second in, and 3 of the others failed. It refused 50 that were above this quota, and told 50 when", ""},
		{"busy", func(r *results) { r.delays = latencies{time.Second} }, "one call in a hundred was made 1000 ms late, and one took 20 ms", ""},
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
