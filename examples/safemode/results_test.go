package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ductile-go/ductile/safemode"
)

// story returns results as of a quiet machine, on which the safe mode does all that is promised.
func story() results {
	r := results{day: day(), began: time.Now(), placed: 242, placedWithout: 172}
	l := newLoad(r.day, nil, nil)
	well, orders := slices.Repeat(latencies{priceTakes}, 30), slices.Repeat(latencies{orderTakes}, 8)
	for _, row := range l.rows {
		row.with = tally{offers: count{well: well}, quotes: count{well: well}, orders: count{well: orders}, chunks: 10}
		row.without = row.with
		if row.act.times > 1 || row.act.engage != "" {
			row.with = tally{offers: count{instead: 30}, quotes: row.with.quotes, orders: row.with.orders}
		}
		if row.act.times > 3 || row.act.engage != "" {
			row.with.quotes = count{instead: 30}
		}
		if row.act.times > 1 {
			row.without = tally{offers: count{instead: 30}, quotes: count{instead: 30}, orders: count{well: orders[:2], failed: 6}}
		}
		r.rows = append(r.rows, row)
	}
	r.delays = latencies{0}
	change := func(after time.Duration, act string, from, to safemode.Level, cause safemode.Cause) {
		r.changes = append(r.changes, safemode.Change{
			At: r.began.Add(r.begins(act) + after), From: from, To: to, Cause: cause, Held: cause == safemode.CauseHeld,
		})
	}
	change(time.Second, slow, safemode.Normal, safemode.Degraded, safemode.CauseFailureRate)
	change(time.Second, slower, safemode.Degraded, safemode.Safe, safemode.CauseFailureRate)
	change(time.Second, recovery, safemode.Safe, safemode.Safe, safemode.CauseProbesSucceeded)
	change(2*time.Second, recovery, safemode.Safe, safemode.Degraded, safemode.CauseStepSucceeded)
	change(3*time.Second, recovery, safemode.Degraded, safemode.Normal, safemode.CauseStepSucceeded)
	change(0, byHand, safemode.Normal, safemode.Safe, safemode.CauseHeld)
	change(0, afterward, safemode.Safe, safemode.Normal, safemode.CauseDisengaged)
	return r
}

// in returns the row with which an act begins, or one after it.
func (r results) in(act string, after time.Duration) *row {
	return &r.rows[int((r.begins(act)+after)/tick)]
}

// busily returns what happened on a busy machine.
func busily(change func(*results)) func(*results) {
	return func(r *results) {
		r.delays = latencies{tolerable + 1}
		change(r)
	}
}

func TestPromises(t *testing.T) {
	lose := func(at func(results) *row, n int) func(*results) {
		return func(r *results) {
			c := &at(*r).with.orders
			c.well, c.failed = c.well[n:], c.failed+n
		}
	}
	in := func(act string, after time.Duration) func(results) *row {
		return func(r results) *row { return r.in(act, after) }
	}
	without := func(cause safemode.Cause, to safemode.Level) func(*results) {
		return func(r *results) {
			r.changes = slices.DeleteFunc(r.changes, func(c safemode.Change) bool { return c.Cause == cause && c.To == to })
		}
	}
	for about, tt := range map[string]struct {
		change func(*results)
		broken []string // what is said to be, in this order
		busy   bool     // something is not judged
	}{
		"all is well":                     {change: func(*results) {}},
		"a busy machine":                  {change: busily(func(*results) {})},
		"fails while all is well":         {change: lose(in(calm, 0), 4), broken: []string{"99 % of all calls are answered by the services while"}},
		"two fail while all is well":      {change: lose(in(calm, 0), 2)},
		"fails while all is well, busily": {change: busily(lose(in(calm, 0), 4)), busy: true},
		"never degraded":                  {change: without(safemode.CauseFailureRate, safemode.Degraded), broken: []string{"recommendations are let go"}},
		"never degraded, busily": {
			change: busily(func(r *results) { r.changes = r.changes[5:] }),
			broken: []string{"recommendations are let go"},
			busy:   true,
		},
		"degraded late, busily": {
			change: busily(func(r *results) { r.changes[0].At = r.changes[1].At.Add(-1) }),
			busy:   true,
		},
		"never safe":                   {change: without(safemode.CauseFailureRate, safemode.Safe), broken: []string{"prices, too"}},
		"never safe, busily":           {change: busily(without(safemode.CauseFailureRate, safemode.Safe)), busy: true},
		"fails before it is settled":   {change: lose(in(slow, settled-tick), 8)},
		"fails when it is settled":     {change: lose(in(slow, settled), 4), broken: []string{"80 % of the orders"}},
		"some fail when it is settled": {change: lose(in(slow, settled), 3)},
		"fails when it is safe":        {change: lose(in(slower, settled), 5), broken: []string{"80 % of the orders"}},
		"some fail when it is safe":    {change: lose(in(slower, settled), 4)},
		"no prices": {
			change: func(r *results) { r.in(slow, settled).with.quotes = count{instead: 30} },
			broken: []string{"80 % of the prices"},
		},
		"no better": {
			change: func(r *results) { r.in(slow, 0).without.orders = count{well: slices.Repeat(latencies{orderTakes}, 50)} },
			broken: []string{"half as many orders again"},
		},
		"does not come back": {
			change: func(r *results) {
				without(safemode.CauseStepSucceeded, safemode.Degraded)(r)
				without(safemode.CauseStepSucceeded, safemode.Normal)(r)
			},
			broken: []string{"it comes back by itself", "and then for all"},
		},
		"comes back by hand alone": {
			change: without(safemode.CauseStepSucceeded, safemode.Normal),
			broken: []string{"and then for all"},
		},
		"comes back to nothing better": {
			change: func(r *results) { r.changes[3].From = safemode.Degraded },
			broken: []string{"it comes back by itself"},
		},
		"comes back by a person's word": {
			change: func(r *results) { r.changes[3].Held = true },
			broken: []string{"it comes back by itself"},
		},
		"comes back to normal by a person's word": {
			change: func(r *results) { r.changes[4].Cause = safemode.CauseDisengaged },
			broken: []string{"and then for all"},
		},
		"is handed back to nobody": {
			change: func(r *results) { r.changes[6].To = safemode.Degraded },
			broken: []string{"when that person hands back"},
		},
		"is not held": {
			change: without(safemode.CauseHeld, safemode.Safe),
			broken: []string{"what a person engages", "when that person hands back"},
		},
		"is released by itself": {
			change: func(r *results) { r.changes[6].Cause = safemode.CauseStepSucceeded },
			broken: []string{"what a person engages"},
		},
		"is held too short, busily": {
			change: busily(func(r *results) { r.changes[6].At = r.changes[5].At.Add(modeEngaged) }),
			busy:   true,
		},
		"is released by itself, busily": {
			change: busily(func(r *results) { r.changes[6].Cause = safemode.CauseStepSucceeded }),
			broken: []string{"what a person engages"},
		},
		"is held too short": {
			change: func(r *results) { r.changes[6].At = r.changes[5].At.Add(modeEngaged) },
			broken: []string{"what a person engages"},
		},
		"is engaged again": {
			change: func(r *results) {
				r.changes = append(r.changes, safemode.Change{At: r.began.Add(r.ends(afterward)), To: safemode.Degraded})
			},
			broken: []string{"when that person hands back"},
		},
		"is never handed back": {
			change: without(safemode.CauseDisengaged, safemode.Normal),
			broken: []string{"what a person engages", "when that person hands back"},
		},
		"recommends all the same": {
			change: func(r *results) { r.in(byHand, tick).with.offers.well = latencies{1} },
			broken: []string{"what is let go meanwhile"},
		},
		"asks for prices all the same": {
			change: func(r *results) { r.in(byHand, 2*tick).with.quotes.well = latencies{1} },
			broken: []string{"what is let go meanwhile"},
		},
		"asks for prices all the same, busily": {
			change: busily(func(r *results) { r.in(byHand, tick).with.quotes.well = latencies{1} }),
			busy:   true,
		},
		"recommends at the edge":       {change: func(r *results) { r.in(byHand, 0).with.offers.well = latencies{1} }},
		"recommends at the other edge": {change: func(r *results) { r.in(afterward, -tick).with.offers.well = latencies{1} }},
		"builds the index":             {change: func(r *results) { r.in(byHand, tick).with.chunks = 1 }, broken: []string{"and no index"}},
		"begins a chunk before":        {change: func(r *results) { r.in(byHand, 0).with.chunks = 1 }},
		"loses an order meanwhile":     {change: lose(in(byHand, 0), 1), broken: []string{"99 % of the orders are taken"}},
		"fails afterward":              {change: lose(in(afterward, 0), 2), broken: []string{"99 % of all calls are answered by the services then"}},
		"an error for a visitor":       {change: func(r *results) { r.in(slow, 0).with.offers.failed = 1 }, broken: []string{"no visitor sees"}},
		"another one, busily":          {change: busily(func(r *results) { r.in(slow, 0).with.quotes.failed = 1 }), broken: []string{"no visitor sees"}},
		"whatever the other one does":  {change: func(r *results) { r.in(slow, 0).without.quotes.failed = 30 }},
	} {
		r := story()
		tt.change(&r)
		var said strings.Builder
		if kept := promises(&said, r); kept != (len(tt.broken) == 0) {
			t.Errorf("%s: that all is kept is said to be %v", about, kept)
		}
		var broken []string
		for line := range strings.Lines(said.String()) {
			if _, promise, ok := strings.Cut(line, "✗ "); ok {
				broken = append(broken, promise)
			}
		}
		if !slices.EqualFunc(broken, tt.broken, strings.HasPrefix) {
			t.Errorf("%s: said to be broken: %q", about, broken)
		}
		if busy := strings.Contains(said.String(), "too busy"); busy != tt.busy {
			t.Errorf("%s: that something cannot be judged is said to be %v in\n%s", about, busy, &said)
		}
	}
}

func TestBusy(t *testing.T) {
	for _, tt := range []struct {
		about  string
		change func(*results)
		busy   bool
	}{
		{"quiet", func(*results) {}, false},
		{"a little late", func(r *results) { r.delays = latencies{tolerable} }, false},
		{"late", func(r *results) { r.delays = latencies{tolerable + 1} }, true},
		{"very late, once", func(r *results) { r.delays = append(make(latencies, 1000), deadline/2+1) }, true},
		{"late, once", func(r *results) { r.delays = append(make(latencies, 1000), deadline/2) }, false},
		{"slow while all is well", func(r *results) { r.in(calm, 0).without.orders.well = latencies{deadline/2 + 1, 1} }, true},
		{"slow afterward", func(r *results) { r.in(afterward, 0).without.orders.well = latencies{deadline} }, true},
		{"fails while all is well", func(r *results) { r.in(calm, 0).without.orders.failed = 1 }, true},
		{"slow with the database", func(r *results) { r.in(slow, 0).without.orders.well = latencies{deadline} }, false},
		{"fails with the database", func(r *results) { r.in(slow, 0).without.orders.failed = 8 }, false},
		{"slow with a safe mode", func(r *results) { r.in(calm, 0).with.orders.well = latencies{deadline} }, false},
	} {
		r := story()
		tt.change(&r)
		if r.busy() != tt.busy {
			t.Errorf("%s: busy is %v", tt.about, r.busy())
		}
		var said strings.Builder
		tell(&said, r)
		if strings.Contains(said.String(), "busy") != tt.busy {
			t.Errorf("%s:\n%s", tt.about, &said)
		}
	}
}

func TestTell(t *testing.T) {
	r := story()
	r.in(recovery, 0).with.offers = count{instead: 25}
	r.in(recovery, tick).with.quotes = count{instead: 5}
	r.in(slow, 0).with.orders.failed = 7
	var said strings.Builder
	tell(&said, r)
	for _, want := range []string{
		"took 104 of 111 orders, and the one without 26.", "2 had been placed all the same with a safe mode, and 10 without it",
		"25 visitors were shown the best sellers, and 5 the list price",
	} {
		if !strings.Contains(flat(said.String()), want) {
			t.Errorf("no %q in\n%s", want, &said)
		}
	}
}

// flat undoes the breaks of lines.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestActs(t *testing.T) {
	r := story()
	at := time.Duration(0)
	for _, a := range r.day {
		if a.length%tick != 0 || a.length == 0 || r.begins(a.name) != at || r.ends(a.name) != at+a.length {
			t.Errorf("%s begins at %v and ends at %v", a.name, r.begins(a.name), r.ends(a.name))
		}
		if first := r.in(a.name, 0); !first.opens || first.act.name != a.name || first.ends != at+tick {
			t.Errorf("%s does not begin with %+v", a.name, first)
		}
		at += a.length
	}
	if n := int(at / tick); n != len(r.rows) {
		t.Errorf("%d rows in %v", len(r.rows), at)
	}
	if hold := r.ends(byHand) - r.begins(byHand); hold <= modeEngaged {
		t.Errorf("a person holds for %v, when the mode could have tried to come back by itself", hold)
	}
}

func TestCount(t *testing.T) {
	var c count
	c.add(3, nil, false)
	c.add(1, nil, true)
	c.add(2, errors.New("no"), false)
	c.add(2, errors.New("no"), true)
	c.add(1, nil, false)
	if !slices.Equal(c.well, latencies{3, 1}) || c.instead != 1 || c.failed != 2 || c.all() != 5 {
		t.Errorf("%+v", c)
	}
	one := tally{offers: c, quotes: count{instead: 1}, orders: count{failed: 2}, chunks: 3}
	two := one.plus(one)
	if well, all := two.answers(); well != 4 || all != 16 || two.chunks != 6 || two.quotes.instead != 2 || two.orders.failed != 4 {
		t.Errorf("%+v", two)
	}
	if len(one.offers.well) != 2 {
		t.Error("what was added to is changed")
	}
}

func TestBefore(t *testing.T) {
	r := story()
	for after, want := range map[time.Duration]safemode.Level{0: safemode.Normal, time.Second: safemode.Normal, time.Second + 1: safemode.Degraded} {
		if c := before(r.changes, r.began.Add(r.begins(slow)+after)); c.To != want {
			t.Errorf("%v into it the mode is %v", after, c.To)
		}
	}
}
