package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// direct reaches the inventory without a network, so that the calls take the time that the script says.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, leave := context.WithCancel(context.Background()) // that the client leaves is all that arrives of its context
	defer leave()
	stop := context.AfterFunc(r.Context(), leave)
	defer stop()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r.WithContext(ctx))
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// nowhere makes the environment ask for no OTLP.
func nowhere(t *testing.T) {
	t.Helper()
	for _, name := range []string{"", "_TRACES", "_METRICS"} {
		t.Setenv("OTEL_EXPORTER_OTLP"+name+"_ENDPOINT", "")
	}
}

// shown runs the whole show, and returns what it said.
func shown(t *testing.T) (played []scene, said string, kept bool) {
	t.Helper()
	nowhere(t)
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		s, err := newStage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		inventory, handler, newShop := s.actors()
		late := watchClock()
		played, err = play(t.Context(), &b, s.journal, newShop("http://inventory", direct{handler}), inventory)
		if err != nil {
			t.Fatal(err)
		}
		if l := late(); l != 0 {
			t.Errorf("a clock that is never late was late by %v", l)
		}
		kept = promises(&b, played, false)
		if err := s.close(t.Context(), &b); err != nil {
			t.Error(err)
		}
		said = b.String()
	})
	return played, said, kept
}

// What docs/telemetry.md shows.
const everything = `
stock                         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  720 ms  degraded
├ attempt 1                   ▒▒▒▒▒▒▒▒▒▒▒▒▒                   300 ms  timeout
│ └ HTTP GET                  ─────────────                   300 ms  no answer
│   └ inventory GET /stock    ═════════════                   300 ms  499
├ attempt 1, copy 2           ····▒                            20 ms  overload
│ │ a copy: there was no answer after 100 ms
│ └ HTTP GET                      ─                            20 ms  503
│   └ inventory GET /stock        ═                            20 ms  503
├ attempt 2                                ········▒           20 ms  overload
│ │ a repeat, after a wait of 200 ms: the attempt before ended with timeout
│ └ HTTP GET                                       ─           20 ms  503
│   └ inventory GET /stock                         ═           20 ms  503
├ refused by: stock breaker                         ·······✗
└ answered by: yesterday's count                           ✓
`

const hedged = `
stock                         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  120 ms  success
├ attempt 1                   ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  120 ms  superseded
│ └ HTTP GET                  ──────────────────────────────  120 ms  no answer
│   └ inventory GET /stock    ══════════════════════════════  120 ms  499
└ attempt 1, copy 2           ·························█████   20 ms  success
  │ a copy: there was no answer after 100 ms; the first to answer: it won
  └ HTTP GET                                           ─────   20 ms  200
    └ inventory GET /stock                             ═════   20 ms  200

→ The customer was told: 12 umbrellas.
`

const refusedAtOnce = `
stock                         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  0.0 ms  degraded
├ refused by: stock breaker                                ✗
└ answered by: yesterday's count                           ✓

→ The customer was told: 7 umbrellas, as of yesterday.
`

func TestShow(t *testing.T) {
	played, said, kept := shown(t)
	if !kept || strings.Contains(said, "NOT KEPT") || strings.Contains(said, "too busy") || strings.Count(said, "  kept:") != 9 {
		t.Error(said)
	}
	for _, part := range []string{
		hedged, everything, refusedAtOnce, "\n5. The breaker is open\n", "    ductile.call.rejected_by     [\"stock breaker\"]\n",
	} {
		if !strings.Contains(said, part) {
			t.Errorf("there is no\n%s\nin\n%s", part, said)
		}
	}
	if want := "\nWhere OTEL_EXPORTER_OTLP_ENDPOINT is set, all this is sent there, too.\n"; !strings.HasSuffix(said, want) {
		t.Errorf("%q is not at the end of\n%s", want, said)
	}
	for i, requests := range []int{1, 2, 2, 3, 0} {
		if s := played[i]; s.requests != requests || s.err != nil || s.got.Old != (i >= 3) {
			t.Errorf("call %d: %d requests, %+v, %v", i+1, s.requests, s.got, s.err)
		}
	}
}

func TestTextFitsTheTerminal(t *testing.T) {
	_, said, _ := shown(t)
	for line := range strings.Lines(said) {
		line = strings.TrimSuffix(line, "\n")
		if n := len([]rune(line)); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.HasSuffix(line, " ") || strings.Contains(line, "\u00a0") || strings.Contains(line, "%!") {
			t.Errorf("something that does not belong there: %q", line)
		}
	}
	if strings.Contains(said, insides) {
		t.Error("the inventory's insides are printed")
	}
}

// A promise that cannot be broken promises nothing.
func TestPromises(t *testing.T) {
	for _, tt := range []struct {
		says  string
		timed bool // not judged on a busy machine
		spoil func(played []scene)
	}{
		{"its root: ", false, nil},
		{"as its root: 4 of 5", false, func(p []scene) { p[1].roots = append(p[1].roots, p[0].roots...) }},
		{"as its root: 4 of 5", false, func(p []scene) { p[0].roots[0].kind = request }},
		{"in attempts: 2 of ", false, func(p []scene) { p[2].roots[0].inside[0].inside[0].kind = attempt }},
		{"in attempts: 2 of ", false, func(p []scene) {
			one := p[2].roots[0].inside[0]
			one.inside = append(one.inside, one.inside...)
		}},
		{"the same trace: 7 of 8", false, func(p []scene) { p[0].spans = p[0].spans[1:] }},
		{"in a span: 1 of 29", false, func(p []scene) { p[3].leaks = 1 }},
		{"first to answer", true, func(p []scene) { delete(p[1].roots[0].says, wonBy) }},
		{"first to answer", true, func(p []scene) { p[1].roots[0].inside = p[1].roots[0].inside[:1] }},
		{"first to answer", true, func(p []scene) { p[1].roots[0].inside[0].failed = true }},
		{"first to answer", true, func(p []scene) { delete(p[1].roots[0].inside[1].says, delay) }},
		{"why an attempt was made", true, func(p []scene) { delete(p[2].roots[0].inside[1].says, cause) }},
		{"first to answer", true, func(p []scene) { p[1].roots[0].inside[0].says[outcome] = attribute.StringValue("success") }},
		{"why an attempt was made", true, func(p []scene) { p[2].roots[0].inside[0].failed = false }},
		{"why an attempt was made", true, func(p []scene) { delete(p[2].roots[0].says, retryWait) }},
		{"why an attempt was made", true, func(p []scene) { p[2].roots[0].inside = nil }},
		{"why an attempt was made", true, func(p []scene) {
			p[2].roots[0].inside[1].start = p[2].roots[0].inside[0].end
		}},
		{"has not failed", true, func(p []scene) { p[2].roots[0].failed = true }},
		{"who refused is said", true, func(p []scene) { delete(p[3].roots[0].says, rejectedBy) }},
		{"who refused is said", true, func(p []scene) { delete(p[3].roots[0].says, answeredBy) }},
		{"who refused is said", true, func(p []scene) { delete(p[3].roots[0].says, attempts) }},
		{"who refused is said", true, func(p []scene) { p[3].roots[0].failed = true }},
		{"breaker is open: 1", true, func(p []scene) { p[4].requests, p[0].requests = 1, 0 }},
		{"breaker is open: 0", true, func(p []scene) { delete(p[4].roots[0].says, outcome) }},
	} {
		played, _, _ := shown(t)
		if tt.spoil != nil {
			tt.spoil(played)
		}
		var judged, excused bytes.Buffer
		kept, busy := promises(&judged, played, false), promises(&excused, played, true)
		if kept != (tt.spoil == nil) || busy != (tt.spoil == nil || tt.timed) {
			t.Errorf("%s: that all is kept is said to be %v, and %v on a busy machine", tt.says, kept, busy)
		}
		verdict := map[bool]string{true: "NOT KEPT: ", false: "kept:     "}[tt.spoil != nil]
		if !regexp.MustCompile(verdict + ".*" + tt.says).Match(judged.Bytes()) {
			t.Errorf("%s is not %q in\n%s", tt.says, verdict, &judged)
		}
		if tt.timed != strings.Contains(excused.String(), "too busy: ") {
			t.Errorf("%s:\n%s", tt.says, &excused)
		}
	}
}

func TestClockThatIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		latest := watchClock()
		time.Sleep(time.Second)
		if l := latest(); l != 0 {
			t.Errorf("late by %v", l)
		}
	})
}

func TestWhatTheCustomerIsTold(t *testing.T) {
	for want, s := range map[string]scene{
		"12 umbrellas":                 {got: Stock{Umbrellas: 12}},
		"7 umbrellas, as of yesterday": {got: Stock{Umbrellas: 7, Old: true}},
		"we do not know":               {err: context.Canceled},
	} {
		if got := s.told(); got != want {
			t.Errorf("%q instead of %q", got, want)
		}
	}
}
