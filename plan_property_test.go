package ductile_test

import (
	"context"
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
)

// However policies are nested, no call through them comes to more than the plan says: with a dependency that does whatever is worst, and
// with rivals for permits and tokens. No slack: the bounds hold to the nanosecond.
func TestNoCallIsWorseThanItsPlan(t *testing.T) {
	if raceEnabled {
		// With go1.26, two goroutines of a bubble that set timers for now, on two cores, corrupt the race detector's own state.
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	}
	pipelines := 3 // of each draw; few where the race detector makes all of it slow, and has seen the driver elsewhere
	if raceEnabled {
		pipelines = 1
	}
	for _, outermost := range []string{"retry", "hedge", "timeout", "asked", "detached", "breaker", "bulkhead", "limiter", "function", "fallback"} {
		t.Run(outermost, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				for range pipelines {
					courses := drawCourses(t, outermost)
					random := rapid.SliceOfN(rapid.Custom(drawDeed), 1, 8).Draw(t, "deeds")
					leaves := rapid.SampledFrom([]int{0, 0, 0, 1, 20, 100}).Draw(t, "leaves")
					for name, deeds := range strategies(random) {
						for _, deaf := range []bool{false, name == "random" || name == "hang"} {
							rapid.SyncTest(t, func(t *rapid.T) {
								worse(t, courses, &foe{deeds: deeds, deaf: deaf}, name, leaves, len(random)%2 == 0)
							})
						}
					}
				}
			})
		})
	}
}

// strategies are those that are known to be bad, and the random one.
func strategies(random []deed) map[string][]deed {
	return map[string][]deed{
		"random":              random,
		"fail":                {{}},
		"fail, and ask for 0": {{ends: "pushback"}},
		"fail now and then":   {{ends: "pushback"}, {}},
		"hang":                {{stays: "hangs", ends: "its context's"}},
		"hang, then ask": {
			{stays: "hangs", ends: "hint", hint: random[0].hint}, {stays: "to the brink", ends: "pushback", hint: random[0].hint},
		},
		"to the brink": {{stays: "to the brink"}},
		"overload":     {{stays: "to the brink", ends: "mere overload"}},
	}
}

func drawCourses(t *rapid.T, outermost string) []course {
	kinds := []string{
		"retry", "retry", "retry", "hedge", "hedge", "timeout", "timeout", "asked", "detached", "breaker", "bulkhead", "limiter", "function",
		"fallback",
	}
	manners := map[string][]string{
		"retry": {"constant", "growing", "jittered", "proportional", "decorrelated", "own", "elapsed", "endless", "everything"},
		"hedge": {"", "", "everything", "observing"},
	}
	courses := make([]course, rapid.IntRange(1, 6).Draw(t, "policies"))
	for i := range courses {
		c := course{kind: outermost, n: rapid.IntRange(1, 4).Draw(t, "n"), m: rapid.IntRange(0, 3).Draw(t, "m")}
		if i > 0 {
			c.kind = rapid.SampledFrom(kinds).Draw(t, "kind")
		}
		ticks := rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(0, 40))
		c.a, c.b, c.c = ticks.Draw(t, "a"), ticks.Draw(t, "b"), ticks.Draw(t, "c")
		c.budget = rapid.SampledFrom([]string{"", "", "unlimited", "unlimited", "unlimited", "none", "small", "shared"}).Draw(t, "budget")
		if m := manners[c.kind]; m != nil {
			c.manner = rapid.SampledFrom(m).Draw(t, "manner")
		}
		courses[i] = c
	}
	return courses
}

func drawDeed(t *rapid.T) deed {
	return deed{
		stays: rapid.SampledFrom([]string{"", "", "hangs", "to the brink"}).Draw(t, "stays"),
		takes: rapid.IntRange(0, 15).Draw(t, "takes"),
		ends: rapid.SampledFrom([]string{
			"", "", "", "its context's", "hint", "hint", "overload", "mere overload", "pushback", "pushback", "permanent", "final", "success",
		}).Draw(t, "ends"),
		hint: rapid.IntRange(0, 40).Draw(t, "hint"),
	}
}

// worse fails where a call comes to more than its plan.
func worse(t *rapid.T, courses []course, f *foe, strategy string, leaves int, async bool) {
	shared := budget.New(budget.Share(0.2))
	var policies []ductile.Policy
	var rivals []func()
	for _, c := range courses {
		policy, rival := c.policy(shared, func(ctx context.Context) { (&foe{deaf: f.deaf}).stay(ctx, deed{stays: "hangs"}) })
		policies, rivals = append(policies, policy), append(rivals, rival)
	}
	p := ductile.NewConcurrent("", policies...)
	plan := p.Plan()
	for _, rival := range rivals {
		go rival()
	}
	synctest.Wait()
	ctx, cancel := context.Background(), context.CancelFunc(func() {})
	if leaves > 0 {
		ctx, cancel = context.WithTimeout(ctx, milli(leaves))
	}
	defer cancel()
	var options []ductile.Option[int]
	if async {
		options = append(options, ductile.Async[int])
	}
	begin := time.Now()
	_, _ = ductile.DoConcurrent(ctx, p, f.call, options...)
	took := time.Since(begin)
	time.Sleep(10 * time.Hour) // whatever was left behind has ended
	synctest.Wait()

	bound := plan.Latency
	if f.deaf {
		bound = plan.Deaf
	}
	if took > bound {
		t.Errorf("%v: %s (deaf: %v) took %v\n%v", courses, strategy, f.deaf, took, plan)
	}
	if n := f.calls.Load(); n > int64(plan.Attempts) {
		t.Errorf("%v: %s made %d attempts\n%v", courses, strategy, n, plan)
	}
	if n := f.atOnce(); n > plan.AtOnce && !f.deaf {
		t.Errorf("%v: %s made %d attempts at once\n%v", courses, strategy, n, plan)
	}
	if plan.Attempts < math.MaxInt && plan.Load > float64(plan.Attempts) {
		t.Errorf("%v: load of more than all attempts\n%v", courses, plan)
	}
}
