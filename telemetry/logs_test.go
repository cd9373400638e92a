package telemetry_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/telemetry"
)

// What is logged, story by story: levels, words and attributes.
func TestLines(t *testing.T) {
	const failed, open = `level=WARN msg="ductile: call failed" pipeline=inventory outcome=`,
		`level=WARN msg="ductile: breaker open" pipeline=inventory policy=breaker from=closed to=open cause="too many calls in a row failed" next_probe=1m0s failures=1 calls=1`
	for story, want := range map[string][]string{
		"a success": nil,
		"a safe mode": {
			`level=WARN msg="ductile: safe mode degraded" pipeline=inventory policy=safemode from=normal to=degraded cause="too large a share of calls failed" next_try=1m0s failures=1 calls=1`,
			`level=WARN msg="ductile: call answered by a fallback" pipeline=inventory outcome=degraded attempts=1 answered_by=fallback`,
			`level=WARN msg="ductile: safe mode safe" pipeline=inventory policy=safemode from=degraded to=safe cause="by hand"`,
			`level=INFO msg="ductile: safe mode normal" pipeline=inventory policy=safemode from=safe to=normal cause="handed back"`,
		},
		"retry around breaker":      nil,
		"the caller's cancellation": nil,
		"Goexit":                    nil,
		"an answer that is no":      nil,
		"a hedge that fails":        {failed + "transient attempts=2"},
		"a panic":                   {open, failed + "panic attempts=1"},
		"rejection on the second attempt": {
			open, failed + "transient attempts=1 rejected_by=[breaker] retry_stopped=rejected",
		},
		"fallback on open": {
			open, `level=WARN msg="ductile: call answered by a fallback" pipeline=inventory outcome=degraded attempts=1 answered_by=fallback`,
		},
		"open, without a fallback": {
			`level=WARN msg="ductile: breaker isolated" pipeline=inventory policy=gate from=closed to=isolated cause=isolated`,
			failed + "rejected attempts=0 rejected_by=[gate]",
			`level=INFO msg="ductile: breaker closed" pipeline=inventory policy=gate from=isolated to=closed cause=reset`,
		},
		"a panic that is contained while the call goes on": {
			`level=ERROR msg="ductile: a copy that nobody waited for has panicked" pipeline=inventory policy=timeout type=*errors.errorString`,
		},
	} {
		t.Run(story, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := told(t, story, newScene(t))
				synctest.Wait()
				assert.ElementsMatch(t, want, s.logs.lines())
			})
		})
	}
}

// A line is written with the context of its call, so that handlers can add its trace.
func TestLinesKnowTheirTrace(t *testing.T) {
	s := newScene(t)
	var seen []context.Context
	s.Observer = telemetry.New(telemetry.WithTracerProvider(s.tracers), telemetry.WithMeterProvider(s.meters), telemetry.WithLogger(slog.New(hearing{func(ctx context.Context) {
		seen = append(seen, ctx)
	}})))
	s.do(s.pipeline(), down)
	assert.Len(t, seen, 1)
	var inCall bool
	for _, span := range s.spans.Ended() {
		inCall = inCall || span.Name() == "inventory" && span.SpanContext().Equal(spanOf(seen[0]))
	}
	assert.True(t, inCall)
}

// An outage of 10,000 calls a second for a minute: at most 100 lines, and the series that docs/telemetry.md says.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.WithoutTraces())
		flapping := breaker.New(breaker.ConsecutiveFailures(3), breaker.OpenTime(50*msec), breaker.OpenTimeGrowth(1, time.Second))
		pipelines := []*ductile.Pipeline{
			s.pipeline(flapping), s.pipeline(fallback.Value(7), bulkhead.New(5)),
			ductile.New("checkout", breaker.New(breaker.ConsecutiveFailures(3), breaker.OpenTime(50*msec), breaker.OpenTimeGrowth(1, time.Second))).With(s.Observer),
		}
		for i := range 20 {
			pipelines = append(pipelines, ductile.New(fmt.Sprint("upstream ", i)).With(s.Observer))
		}
		fails := func(context.Context) (int, error) { return 0, errDown }
		const calls = 600_000
		for i := range calls {
			if i%10 == 0 {
				time.Sleep(msec)
			}
			_, _ = ductile.Do(ctx, pipelines[i%len(pipelines)], fails)
		}
		synctest.Wait()
		lines := s.logs.lines()
		assert.LessOrEqual(t, len(lines), 100)
		for i := range 20 {
			assert.Contains(t, strings.Join(lines, "\n"), fmt.Sprintf(`pipeline="upstream %d" outcome`, i), "each has its line")
		}
		assert.GreaterOrEqual(t, len(lines), 22)
		assert.Contains(t, strings.Join(lines, "\n"), "held_back=")
		for name, points := range s.metrics() {
			switch name {
			case "ductile.breaker.status":
				assert.LessOrEqual(t, len(points), 2*5)
			case "ductile.breaker.transitions":
				assert.LessOrEqual(t, len(points), 2*20)
			case "ductile.call.duration":
				assert.LessOrEqual(t, len(points), 22*13)
			default:
				assert.LessOrEqual(t, len(points), 22*3, name)
			}
		}
		// All is well again: what was held back, and nothing else has said, is said. Nothing is lost: each call has a line, or is counted.
		var said int
		count := func(lines []string) {
			for _, line := range lines {
				if strings.Contains(line, `"ductile: breaker`) || strings.Contains(line, "more breakers or") {
					continue
				}
				if !strings.Contains(line, "level=INFO") {
					said++
				}
				if _, held, found := strings.Cut(line, "held_back="); found {
					var n int
					_, _ = fmt.Sscan(held, &n)
					said += n
				}
			}
		}
		count(lines)
		for range 10 {
			time.Sleep(time.Minute)
			for _, p := range pipelines {
				_, _ = ductile.Do(ctx, p, func(context.Context) (int, error) { return 7, nil })
			}
		}
		after := s.logs.lines()
		assert.Contains(t, strings.Join(after, "\n"), `level=INFO msg="ductile: more calls had failed" pipeline=`)
		count(after)
		assert.Equal(t, calls, said)
		time.Sleep(time.Hour)
		s.do(pipelines[0], fine)
		assert.Empty(t, s.logs.lines(), "said once")
	})
}

// In the time of quiet one line of a pipeline is written, and then one that says how many were not.
func TestHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.WithoutTraces(), telemetry.WithoutMetrics())
		p := s.pipeline()
		end := func(err error) []string {
			_, _ = ductile.Do(ctx, p, func(context.Context) (int, error) { return 0, err })
			return s.logs.lines()
		}
		const failed = `level=WARN msg="ductile: call failed" pipeline=inventory outcome=transient attempts=1`
		assert.Equal(t, []string{failed}, end(errDown))
		for range 3 {
			assert.Empty(t, end(errDown))
		}
		assert.Empty(t, end(nil))
		time.Sleep(time.Minute - 1)
		assert.Empty(t, end(nil), "it is not over yet")
		assert.Empty(t, end(errDown))
		time.Sleep(time.Nanosecond)
		assert.Equal(t, []string{failed + " held_back=4"}, end(errDown))
		assert.Empty(t, end(errDown))
		time.Sleep(time.Minute)
		assert.Equal(t, []string{`level=INFO msg="ductile: more calls had failed" pipeline=inventory held_back=1`}, end(fault.Permanent(errDown)))
		assert.Empty(t, end(nil))
		assert.Equal(t, []string{failed}, end(errDown))
	})
}

// Panics of copies are rare, and as bounded.
func TestContainedPanicsAreHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		for range 3 {
			told(t, "a panic that is contained while the call goes on", s)
		}
		assert.Len(t, s.logs.lines(), 1)
		time.Sleep(time.Minute)
		s.do(s.pipeline(), fine)
		assert.Equal(t, []string{`level=INFO msg="ductile: more copies had panicked" pipeline=inventory held_back=2`}, s.logs.lines())
	})
}

// A breaker that changes all the time has a few lines, and the last says how many there would have been. What its listener has missed counts, too.
func TestFewLinesOfABreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		b := breaker.New()
		s.pipeline(b)
		for range 5 {
			b.Isolate("now")
			b.Reset()
		}
		synctest.Wait()
		assert.Len(t, s.logs.lines(), 4)
		time.Sleep(time.Minute)
		b.Isolate("now")
		synctest.Wait()
		lines := s.logs.lines()
		assert.Len(t, lines, 1)
		assert.Contains(t, lines[0], "held_back=6")
		for range 2 {
			b.Reset()
			b.Isolate("now")
		}
		synctest.Wait()
		s.logs.lines()
		time.Sleep(time.Minute)
		s.do(s.pipeline(), fine)
		assert.Equal(t, []string{`level=INFO msg="ductile: more breakers or safe modes had changed" pipeline=inventory held_back=1`}, s.logs.lines())
	})
}

// hearing is a handler that is told of each line's context.
type hearing struct{ heard func(context.Context) }

func (h hearing) Enabled(context.Context, slog.Level) bool        { return true }
func (h hearing) Handle(ctx context.Context, _ slog.Record) error { h.heard(ctx); return nil }
func (h hearing) WithAttrs([]slog.Attr) slog.Handler              { return h }
func (h hearing) WithGroup(string) slog.Handler                   { return h }
