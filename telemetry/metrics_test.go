package telemetry_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/safemode"
	"github.com/ductile-go/ductile/telemetry"
)

// What is counted, story by story: of each instrument all points, and nothing else. Gauges are read in gauges_test.go.
func TestCounted(t *testing.T) {
	const in = " pipeline.name=inventory"
	for story, want := range map[string]map[string][]string{
		"retry around breaker": {
			"call.duration": {"outcome=success" + in + " 1 in 1.103s"},
			"attempt.duration": {
				"attempt.reason=first outcome=transient" + in + " error.type=transient 1 in 0.001s",
				"attempt.reason=retry outcome=overload" + in + " error.type=overload 1 in 0.001s",
				"attempt.reason=retry outcome=success" + in + " 1 in 0.001s",
			},
			"retry.wait": {"pipeline.name=inventory policy.name=retry 2 in 1.1s"},
		},
		"rejection on the second attempt": {
			"call.duration":       {"outcome=transient" + in + " error.type=transient 1 in 0.101s"},
			"attempt.duration":    {"attempt.reason=first outcome=transient" + in + " error.type=transient 1 in 0.001s"},
			"retry.wait":          {"pipeline.name=inventory policy.name=retry 1 in 0.1s"},
			"rejections":          {"pipeline.name=inventory policy.name=breaker 1"},
			"retry.stops":         {"pipeline.name=inventory policy.name=retry retry.stop_reason=rejected 1"},
			"breaker.transitions": {"breaker.from=closed breaker.to=open pipeline.name=inventory policy.name=breaker 1"},
		},
		"fallback on open": {
			"call.duration":    {"outcome=degraded" + in + " 2 in 0.001s"},
			"attempt.duration": {"attempt.reason=first outcome=transient" + in + " error.type=transient 1 in 0.001s"},
			"rejections":       {"pipeline.name=inventory policy.name=breaker 1"},
			"fallbacks": {
				"fallback.answered_by=fallback pipeline.name=inventory policy.name=fallback error.type=rejected 1",
				"fallback.answered_by=fallback pipeline.name=inventory policy.name=fallback error.type=transient 1",
			},
			"breaker.transitions": {"breaker.from=closed breaker.to=open pipeline.name=inventory policy.name=breaker 1"},
		},
		"a fallback that fails": {
			"call.duration":    {"outcome=transient" + in + " error.type=transient 1 in 0.001s"},
			"attempt.duration": {"attempt.reason=first outcome=transient" + in + " error.type=transient 1 in 0.001s"},
			"fallbacks":        {"pipeline.name=inventory policy.name=cache error.type=transient 1"},
		},
		"a hedge that wins": {
			"call.duration": {"outcome=success" + in + " 1 in 0.011s"},
			"attempt.duration": {
				"attempt.reason=first outcome=superseded" + in + " 1 in 0.011s", "attempt.reason=hedge outcome=success" + in + " 1 in 0.001s",
			},
			"hedge.copies": {"hedge.cause=slow pipeline.name=inventory policy.name=hedge 1"},
			"hedge.wins":   {"hedge.winner=copy pipeline.name=inventory policy.name=hedge 1"},
		},
		"a hedge that loses": {
			"call.duration": {"outcome=success" + in + " 1 in 0.015s"},
			"attempt.duration": {
				"attempt.reason=first outcome=success" + in + " 1 in 0.015s", "attempt.reason=hedge outcome=superseded" + in + " 1 in 0.005s",
			},
			"hedge.copies": {"hedge.cause=slow pipeline.name=inventory policy.name=hedge 1"},
			"hedge.wins":   {"hedge.winner=first pipeline.name=inventory policy.name=hedge 1"},
		},
		"a hedge that fails": {
			"call.duration": {"outcome=transient" + in + " error.type=transient 1 in 0.002s"},
			"attempt.duration": {
				"attempt.reason=first outcome=transient" + in + " error.type=transient 1 in 0.001s",
				"attempt.reason=hedge outcome=transient" + in + " error.type=transient 1 in 0.001s",
			},
			"hedge.copies": {"hedge.cause=failed pipeline.name=inventory policy.name=hedge 1"},
		},
		"a panic that is contained while the call goes on": {
			"call.duration": {"outcome=success" + in + " 1 in 0.12s"},
			"attempt.duration": {
				"attempt.reason=first outcome=panic" + in + " error.type=panic 1 in 0.03s", "attempt.reason=retry outcome=success" + in + " 1 in 0s",
			},
			"retry.wait":       {"pipeline.name=inventory policy.name=retry 1 in 0.1s"},
			"timeouts":         {"pipeline.name=inventory policy.name=timeout 1"},
			"contained_panics": {"pipeline.name=inventory policy.name=timeout 1"},
		},
		"the caller's cancellation": {
			"call.duration":    {"outcome=canceled" + in + " 1 in 0.01s"},
			"attempt.duration": {"attempt.reason=first outcome=canceled" + in + " 1 in 0.01s"},
		},
		"a safe mode": {
			"call.duration": {"outcome=degraded" + in + " 2 in 0.001s", "outcome=success" + in + " 1 in 0.001s"},
			"attempt.duration": {
				"attempt.reason=first outcome=success" + in + " 1 in 0.001s",
				"attempt.reason=first outcome=transient" + in + " error.type=transient 1 in 0.001s",
			},
			"rejections": {"pipeline.name=inventory policy.name=safemode 1"},
			"fallbacks": {
				"fallback.answered_by=fallback pipeline.name=inventory policy.name=fallback error.type=rejected 1",
				"fallback.answered_by=fallback pipeline.name=inventory policy.name=fallback error.type=transient 1",
			},
			"safemode.changes": {
				"pipeline.name=inventory policy.name=safemode safemode.cause=failures safemode.from=normal safemode.to=degraded 1",
				"pipeline.name=inventory policy.name=safemode safemode.cause=hand safemode.from=degraded safemode.to=safe 1",
				"pipeline.name=inventory policy.name=safemode safemode.cause=handed_back safemode.from=safe safemode.to=normal 1",
			},
		},
		"a panic": {
			"call.duration":    {"outcome=panic" + in + " error.type=panic 1 in 0.001s"},
			"attempt.duration": {"attempt.reason=first outcome=panic" + in + " error.type=panic 1 in 0.001s"},

			"breaker.transitions": {"breaker.from=closed breaker.to=open pipeline.name=inventory policy.name=breaker 1"},
		},
	} {
		t.Run(story, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := told(t, story, newScene(t, telemetry.WithoutTraces()))
				assert.Equal(t, want, s.counted())
				assert.Equal(t, []string{"pipeline.name=inventory 0"}, s.metrics()["ductile.call.active"])
			})
		})
	}
}

// counted returns what is counted as it happens.
func (s *scene) counted() map[string][]string {
	found := map[string][]string{}
	all := s.metrics()
	for _, name := range []string{
		"call.duration", "attempt.duration", "rejections", "timeouts", "retry.wait", "retry.stops", "hedge.copies", "hedge.wins", "fallbacks",
		"contained_panics", "breaker.transitions", "safemode.changes",
	} {
		if points := all["ductile."+name]; points != nil {
			found[name] = points
		}
	}
	return found
}

// An instrument as the SDK has it: unit, kind, buckets from a millisecond to a minute.
func TestDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := told(t, "a timeout for each attempt", newScene(t))
		for _, m := range s.collect() {
			if m.Name != "ductile.call.duration" {
				continue
			}
			least := metricdata.NewExtrema(0.14)
			metricdatatest.AssertEqual(t, metricdata.Metrics{
				Name: "ductile.call.duration", Unit: "s", Description: "How long calls took, by how they ended for their caller.",
				Data: metricdata.Histogram[float64]{
					Temporality: metricdata.CumulativeTemporality,
					DataPoints: []metricdata.HistogramDataPoint[float64]{{
						Attributes: attribute.NewSet(attribute.String("ductile.pipeline.name", "inventory"),
							attribute.String("ductile.outcome", "timeout"), attribute.String("error.type", "timeout")),
						Count: 1, Bounds: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
						BucketCounts: []uint64{0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, Sum: 0.14, Min: least, Max: least,
					}},
				},
			}, m, metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
			return
		}
		t.Error("no such metric")
	})
}

// What is read: the states of all kinds of policies, while they are in use.
func TestGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		b := breaker.New(breaker.ConsecutiveFailures(1), breaker.OpenTime(time.Minute), breaker.OpenTimeJitter(0))
		allowance := budget.New(budget.Share(1), budget.Floor(0))
		limit := ratelimit.New(1, 2, ratelimit.Wait(time.Minute))
		hold := bulkhead.New(3, bulkhead.Queue(5, time.Minute))
		p := s.concurrent(retries(), hold, limit, hedge.New(hedge.After(time.Hour), hedge.Budget(allowance)), b)
		for range 6 {
			go func() { s.doConcurrent(p, step{time.Second, nil}) }()
		}
		synctest.Wait()
		const at = "pipeline.name=inventory policy.name="
		read := func(name string) []string { return s.metrics()["ductile."+name] }
		assert.Equal(t, []string{"pipeline.name=inventory 6"}, read("call.active"))
		assert.Equal(t, []string{at + "bulkhead 3"}, read("bulkhead.in_flight"))
		assert.Equal(t, []string{at + "bulkhead 3"}, read("bulkhead.limit"))
		assert.Equal(t, []string{at + "bulkhead 3"}, read("bulkhead.queued"))
		assert.Equal(t, []string{at + "bulkhead 0"}, read("bulkhead.waits"))
		assert.Equal(t, []string{at + "bulkhead 0"}, read("bulkhead.wait_time"))
		assert.Equal(t, []string{at + "ratelimit -1"}, read("ratelimit.tokens"))
		assert.Equal(t, []string{at + "ratelimit 1"}, read("ratelimit.queued"))
		assert.Equal(t, []string{at + "hedge 3600"}, read("hedge.delay"))
		assert.Equal(t, []string{at + "hedge 0", at + "retry 10"}, read("budget.balance"))
		assert.Equal(t, []string{at + "hedge 0", at + "retry 0"}, read("budget.refusals"))
		time.Sleep(1500 * msec)
		assert.Equal(t, []string{at + "bulkhead 2"}, read("bulkhead.waits"))
		assert.Equal(t, []string{at + "bulkhead 2"}, read("bulkhead.wait_time"))
		assert.Equal(t, []string{at + "hedge 2", at + "retry 10"}, read("budget.balance"))
		time.Sleep(time.Minute)
		assert.Equal(t, []string{at + "bulkhead 3"}, read("bulkhead.waits"))
		assert.Equal(t, []string{at + "bulkhead 4"}, read("bulkhead.wait_time"))

		status := func(state breaker.State) (lines []string) {
			for _, is := range []breaker.State{breaker.Closed, breaker.ForcedClosed, breaker.HalfOpen, breaker.Isolated, breaker.Open} {
				one := 0
				if is == state {
					one = 1
				}
				lines = append(lines, fmt.Sprintf("breaker.state=%s %sbreaker %d", is, at, one))
			}
			return lines
		}
		assert.Equal(t, status(breaker.Closed), read("breaker.status"))
		s.doConcurrent(p, step{msec, fault.Permanent(errDown)})
		assert.Equal(t, status(breaker.Closed), read("breaker.status"))
		s.doConcurrent(p, down)
		assert.Equal(t, status(breaker.Open), read("breaker.status"))
		time.Sleep(time.Minute)
		assert.Equal(t, status(breaker.HalfOpen), read("breaker.status"))
		b.Isolate("now")
		assert.Equal(t, status(breaker.Isolated), read("breaker.status"))
		b.ForceClosed()
		assert.Equal(t, status(breaker.ForcedClosed), read("breaker.status"))
		p.Detach()
	})
}

// Where several are called the same, they are read together: a sum, or the worst of them.
func TestReadTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		for _, i := range []int{2, 1, 3} {
			b := breaker.New()
			s.concurrent(retries(retry.Budget(budget.New(budget.Floor(float64(i))))), bulkhead.New(i), ratelimit.New(1, i),
				hedge.New(hedge.After(time.Duration(4-i)*time.Second)), b)
			if i == 1 {
				b.Isolate("now")
			}
		}
		synctest.Wait()
		all := s.metrics()
		const at = "pipeline.name=inventory policy.name="
		assert.Contains(t, all["ductile.breaker.status"], "breaker.state=isolated "+at+"breaker 1")
		assert.Contains(t, all["ductile.breaker.status"], "breaker.state=closed "+at+"breaker 2")
		assert.Contains(t, all["ductile.breaker.status"], "breaker.state=open "+at+"breaker 0")
		assert.Equal(t, []string{at + "bulkhead 6"}, all["ductile.bulkhead.limit"])
		assert.Equal(t, []string{at + "hedge 3"}, all["ductile.hedge.delay"])
		assert.Equal(t, []string{at + "ratelimit 1"}, all["ductile.ratelimit.tokens"])
		assert.Contains(t, all["ductile.budget.balance"], at+"retry 10")
	})
}

// A policy that is in several pipelines of a name is there once; in those of another name it is there again.
func TestSharedPolicies(t *testing.T) {
	s := newScene(t)
	shared, allowance := bulkhead.New(3), budget.None()
	for _, name := range []string{"inventory", "inventory", "checkout"} {
		p := ductile.New(name, shared, retries(retry.Budget(allowance), retry.Name("shared"))).With(s.Observer, s.Observer)
		_, err := ductile.Do(ctx, p, func(context.Context) (int, error) { return 0, errDown })
		require.Error(t, err)
	}
	all := s.metrics()
	assert.Equal(t, []string{"pipeline.name=checkout policy.name=bulkhead 3", "pipeline.name=inventory policy.name=bulkhead 3"}, all["ductile.bulkhead.limit"])
	assert.Contains(t, all["ductile.budget.refusals"], "pipeline.name=checkout policy.name=shared 1")
	assert.Contains(t, all["ductile.budget.refusals"], "pipeline.name=inventory policy.name=shared 3", "the third is not of its pipelines, but of its budget")
}

// A budget that several policies of a pipeline draw on is said of the outermost.
func TestSharedBudget(t *testing.T) {
	s := newScene(t)
	s.concurrent(retries(), hedge.New())
	assert.Equal(t, []string{"pipeline.name=inventory policy.name=retry 10"}, s.metrics()["ductile.budget.balance"])
}

// What has no number is not there: a hedge that does not know its delay yet, a budget without a bound, a limiter without one.
func TestNoNumber(t *testing.T) {
	s := newScene(t)
	s.concurrent(hedge.New(hedge.Budget(budget.Unlimited())), ratelimit.New(rate.Inf, 1))
	all := s.metrics()
	assert.NotContains(t, all, "ductile.hedge.delay")
	assert.NotContains(t, all, "ductile.budget.balance")
	assert.Contains(t, all, "ductile.budget.refusals")
}

// A mode that several pipelines of one name share, itself and its gates, is there once, and each change is counted once.
func TestSharedMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.WithoutTraces())
		mode, other := safemode.New(), safemode.New()
		s.pipeline(mode)
		s.pipeline(mode.For(safemode.Degraded))
		s.pipeline(mode.For(safemode.Safe), other)
		status := func(normal, degraded, safe int) []string {
			const at = " pipeline.name=inventory policy.name=safemode safemode.level="
			lines := []string{fmt.Sprintf("%snormal %d", at[1:], normal), fmt.Sprintf("%sdegraded %d", at[1:], degraded), fmt.Sprintf("%ssafe %d", at[1:], safe)}
			lines = slices.Sorted(slices.Values(lines))
			return lines
		}
		assert.Equal(t, status(2, 0, 0), s.metrics()["ductile.safemode.status"])
		mode.Engage("test")
		assert.Equal(t, status(1, 0, 1), s.metrics()["ductile.safemode.status"])
		mode.Hold(safemode.Degraded, "test")
		synctest.Wait()
		all := s.metrics()
		assert.Equal(t, status(1, 1, 0), all["ductile.safemode.status"])
		assert.Equal(t, []string{
			"pipeline.name=inventory policy.name=safemode safemode.cause=hand safemode.from=normal safemode.to=safe 1",
			"pipeline.name=inventory policy.name=safemode safemode.cause=hand safemode.from=safe safemode.to=degraded 1",
		}, all["ductile.safemode.changes"])
		s.leave()
		mode.Disengage()
		synctest.Wait()
		assert.Empty(t, s.metrics()["ductile.safemode.status"])
		assert.Len(t, s.metrics()["ductile.safemode.changes"], 2, "nobody listens any more")
	})
}
