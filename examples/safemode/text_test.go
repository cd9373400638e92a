package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ductile-go/ductile/safemode"
)

func TestTold(t *testing.T) {
	const try, normal, degraded, safe = 1750 * time.Millisecond, safemode.Normal, safemode.Degraded, safemode.Safe
	some := safemode.Counts{Calls: 40, Failures: 10}
	for _, tt := range []struct {
		change      safemode.Change
		level, told string
	}{
		{safemode.Change{}, "normal", "normal              new"},
		{
			safemode.Change{To: degraded, Cause: safemode.CauseFailureRate, Counts: some, NextTry: try, Reason: "25 %"},
			"degraded", "normal → degraded   too large a share of calls failed (10 of 40): probes in 1.75s",
		},
		{
			safemode.Change{From: safe, To: safe, Cause: safemode.CauseProbesFailed, Counts: some, NextTry: try},
			"safe", "safe                too many probes failed (10 of 40): probes in 1.75s",
		},
		{
			safemode.Change{From: safe, To: safe, Cause: safemode.CauseProbeExpired, Counts: some, NextTry: try},
			"safe", "safe                too many probes failed or never reported (10 of 40): probes in 1.75s",
		},
		{
			safemode.Change{From: safe, To: safe, Cause: safemode.CauseProbesSucceeded, Counts: some, Share: 0.25},
			"safe, 1 in 4", "safe                the probes succeeded (30 of 40): from here on 1 in 4 goes",
		},
		{
			safemode.Change{From: degraded, To: degraded, Cause: safemode.CauseStepFailed, Counts: some, NextTry: try},
			"degraded", "degraded            too many of the calls let through failed (10 of 40): probes in 1.75s",
		},
		{
			safemode.Change{From: safe, To: degraded, Cause: safemode.CauseStepSucceeded, Counts: some},
			"degraded", "safe → degraded     enough of the calls let through succeeded (30 of 40)",
		},
		{
			safemode.Change{From: normal, To: safe, Cause: safemode.CauseHeld, Held: true, Reason: "fire"},
			"safe, by hand", "normal → safe       by hand: fire",
		},
		{safemode.Change{From: safe, Cause: safemode.CauseDisengaged}, "normal", "safe → normal       handed back"},
	} {
		if got := level(tt.change); got != tt.level {
			t.Errorf("the level is %q, not %q", got, tt.level)
		}
		if got := told(tt.change); got != tt.told {
			t.Errorf("told is\n%q, not\n%q", got, tt.told)
		}
	}
}

func TestJournal(t *testing.T) {
	var j journal
	m := safemode.New(safemode.OnChange(j.hear))
	m.Engage("fire")
	before := j.all()
	m.Disengage()
	if all := j.all(); len(before) != 1 || len(all) != 2 || all[0].Reason != "fire" || all[1].Cause != safemode.CauseDisengaged {
		t.Errorf("%+v", all)
	}
}

func TestQuantile(t *testing.T) {
	hundred := make(latencies, 100)
	for i := range hundred {
		hundred[len(hundred)-1-i] = time.Duration(i + 1)
	}
	for _, tt := range []struct {
		of         latencies
		hundredths int
		want       time.Duration
	}{
		{nil, 50, 0}, {latencies{7}, 0, 7}, {latencies{7}, 100, 7}, {latencies{2, 1}, 50, 1}, {latencies{3, 1, 2}, 50, 2},
		{hundred, 99, 99}, {hundred, 100, 100},
	} {
		if got := tt.of.quantile(tt.hundredths); got != tt.want {
			t.Errorf("the quantile %d of %d is %v, not %v", tt.hundredths, len(tt.of), got, tt.want)
		}
	}
	if hundred[0] != 100 {
		t.Error("what was asked was changed")
	}
	if none, one := latencies(nil).median(), (latencies{time.Millisecond}).median(); none != "-" || one != "1 ms" {
		t.Errorf("%q, %q", none, one)
	}
}

func TestText(t *testing.T) {
	var said strings.Builder
	paragraph(&said, strings.Repeat("x", 76)+" 5 ms or 10 %")
	if want := strings.Repeat("x", 76) + "\n5 ms or 10 %\n\n"; said.String() != want {
		t.Errorf("%q", &said)
	}
}
