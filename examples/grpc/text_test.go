package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ductile-go/ductile/breaker"
)

func TestJournal(t *testing.T) {
	var j journal
	j.begin()
	at := j.start.Add(1250 * time.Millisecond)
	j.breaker("dns:///shop:443"+quote, breaker.Transition{From: breaker.Closed, To: breaker.Open, At: at, Cause: breaker.CauseFailureRate,
		Counts: breaker.Counts{Calls: 40, Failures: 20}})
	j.breaker("all", breaker.Transition{From: breaker.Open, To: breaker.HalfOpen, At: at, Cause: breaker.CauseTimeUp, Counts: breaker.Counts{Calls: 1}})
	j.breaker("all", breaker.Transition{From: breaker.HalfOpen, To: breaker.Open, At: at, Cause: breaker.CauseProbeExpired})
	j.start = time.Now().Add(-time.Minute)
	j.health(serving, unreachable)
	want := []string{
		"  1.2s  Quote    closed → open: too large a share of calls failed (20 of 40)",
		"  1.2s  all      open → half-open: time to probe",
		"  1.2s  all      half-open → open: " + breaker.CauseProbeExpired.String(),
	}
	if got := j.all(); len(got) != 4 || !slices.Equal(got[:3], want) || !strings.HasSuffix(got[3], "s  health   SERVING → unreachable") {
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
	quoted(&said, strings.Repeat("y", 75)+" z")
	want := strings.Repeat("x", 76) + "\n5 ms or 10 %\n\n    " + strings.Repeat("y", 75) + "\n    z\n\n"
	if said.String() != want {
		t.Errorf("%q", &said)
	}
}
