package ductile_test

import (
	"context"
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
)

// A plan does not exaggerate: where policies leave nothing to chance, some dependency brings a call to exactly what it says.
func TestAPlanIsReached(t *testing.T) {
	if raceEnabled {
		// As in TestNoCallIsWorseThanItsPlan.
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	}
	policies := rapid.Custom(drawCertain)
	t.Run("attempts", rapid.MakeCheck(func(t *rapid.T) {
		for range 5 {
			courses := policies.Draw(t, "courses")
			plan := certain(courses, false).Plan()
			rapid.SyncTest(t, func(t *rapid.T) {
				f := &foe{next: exhausting(courses)}
				meet(certain(courses, false), f)
				if n := f.calls.Load(); n != int64(plan.Attempts) {
					t.Fatalf("%v: %d attempts\n%v", courses, n, plan)
				}
			})
		}
	}))
	t.Run("latency", rapid.MakeCheck(func(t *rapid.T) {
		for range 3 {
			courses := policies.Filter(lasts).Draw(t, "courses")
			plan := certain(courses, false).Plan()
			_, deeds := lasting(courses, plan)
			rapid.SyncTest(t, func(t *rapid.T) {
				if took := meet(certain(courses, false), &foe{deeds: deeds}); took != plan.Latency {
					t.Fatalf("%v: took %v\n%v", courses, took, plan)
				}
			})
		}
	}))
	t.Run("at once", rapid.MakeCheck(func(t *rapid.T) {
		for range 2 {
			courses := policies.Filter(spreads).Draw(t, "courses")
			plan := certain(courses, false).Plan()
			rapid.SyncTest(t, func(t *rapid.T) {
				f := &foe{deeds: []deed{{stays: "hangs"}}}
				meet(certain(courses, false), f)
				if n := f.atOnce(); n != plan.AtOnce {
					t.Fatalf("%v: %d at once\n%v", courses, n, plan)
				}
			})
		}
	}))
}

// drawCertain draws policies that leave nothing to chance. What the dependency may ask for is the same for all.
func drawCertain(t *rapid.T) []course {
	courses := make([]course, rapid.IntRange(1, 5).Draw(t, "policies"))
	hint := rapid.IntRange(0, 10).Draw(t, "max hint")
	for i := range courses {
		courses[i] = course{
			kind: rapid.SampledFrom([]string{"retry", "retry", "hedge", "timeout", "timeout", "fallback"}).Draw(t, "kind"),
			n:    rapid.IntRange(1, 3).Draw(t, "n"), a: rapid.IntRange(1, 30).Draw(t, "a"), b: rapid.IntRange(0, 10).Draw(t, "b"), c: hint,
			budget: "unlimited",
		}
		switch courses[i].kind {
		case "retry":
			courses[i].manner = rapid.SampledFrom([]string{"constant", "growing"}).Draw(t, "manner")
		case "timeout":
			courses[i].a *= rapid.SampledFrom([]int{1, 1, 10, 100}).Draw(t, "scale")
		}
	}
	return courses
}

// certain makes a pipeline; a hasty one, in which no retry waits.
func certain(courses []course, hasty bool) *ductile.ConcurrentPipeline {
	var policies []ductile.Policy
	for _, c := range courses {
		if hasty && c.kind == "retry" {
			c.manner, c.a, c.b, c.c = "constant", -1, 0, 0
		}
		policy, _ := c.policy(nil, nil)
		policies = append(policies, policy)
	}
	return ductile.NewConcurrent("", policies...)
}

func meet(p *ductile.ConcurrentPipeline, f *foe) time.Duration {
	begin := time.Now()
	_, _ = ductile.DoConcurrent(context.Background(), p, f.call)
	took := time.Since(begin)
	time.Sleep(10 * time.Hour)
	synctest.Wait()
	return took
}

// exhausting fails at once, and asks the retry whose turn it is to go on at once, too. A hedge goes on by itself. Whose turn it is shows in
// the number of the attempt: it is written with a digit for each policy.
func exhausting(courses []course) func(n int) deed {
	return func(n int) deed {
		for _, c := range slices.Backward(courses) {
			if c.kind != "retry" && c.kind != "hedge" {
				continue
			}
			if n%c.n < c.n-1 {
				if c.kind == "retry" {
					return deed{ends: "pushback"}
				}
				return deed{}
			}
			n /= c.n
		}
		return deed{}
	}
}

// lasting says whether a call takes as long as its plan says, and with which dependency. It does where no timeout cuts what else would
// happen but the function, or where the outermost does even though no retry waits: in between, what happens hangs on how times add up.
func lasting(courses []course, plan ductile.Plan) (expected bool, deeds []deed) {
	if plan.Latency == math.MaxInt64 {
		return false, nil
	}
	cuts, hedged := false, false
	for i, c := range courses {
		inside := plan.Layers[i+1].Latency
		cuts = cuts || c.kind == "timeout" && inside < math.MaxInt64 && inside > milli(1+c.a)
		hedged = hedged || c.kind == "hedge"
		if c.kind == "hedge" && inside >= milli(c.a) && inside <= milli((c.n-1)*c.a) {
			return false, nil // the first copy fails, and is followed, before the last is due
		}
	}
	if !cuts {
		return true, []deed{{stays: "hangs", ends: "hint", hint: courses[0].c}}
	}
	first := slices.IndexFunc(courses, func(c course) bool { return c.kind != "fallback" })
	hasty := certain(courses, true).Plan()
	if courses[first].kind == "timeout" && !hedged && hasty.Layers[first+1].Latency >= milli(1+courses[first].a) {
		return true, []deed{{stays: "hangs", ends: "pushback"}}
	}
	return false, nil
}

func lasts(courses []course) bool {
	expected, _ := lasting(courses, certain(courses, false).Plan())
	return expected
}

// spreads says whether as many copies run at once as the plan says when all hang: where there are no timeouts, and where there is one hedge
// inside of all timeouts.
func spreads(courses []course) bool {
	timeouts, hedges, last := 0, 0, ""
	for _, c := range courses {
		switch c.kind {
		case "timeout":
			timeouts++
			last = c.kind
		case "hedge":
			hedges++
			last = c.kind
		default:
		}
	}
	return hedges > 0 && (timeouts == 0 || hedges == 1 && last == "hedge")
}

// In the long run no dependency gets more load than the plan says, whatever it does, however budgets are given and policies nested.
func TestNoLoadIsWorseThanThePlan(t *testing.T) {
	if raceEnabled {
		// As in TestNoCallIsWorseThanItsPlan.
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	}
	rapid.Check(t, func(t *rapid.T) {
		courses := drawCertain(t)
		for i := range courses {
			courses[i].budget = rapid.SampledFrom([]string{"", "", "shared", "shared", "small", "unlimited", "none"}).Draw(t, "budget")
		}
		calls, every := rapid.IntRange(1, 300).Draw(t, "calls"), rapid.IntRange(0, 300).Draw(t, "every")
		rapid.SyncTest(t, func(t *rapid.T) {
			shared := budget.New(budget.Share(1.5), budget.Floor(0.5))
			var policies []ductile.Policy
			for _, c := range courses {
				policy, _ := c.policy(shared, nil)
				policies = append(policies, policy)
			}
			p := ductile.NewConcurrent("", policies...)
			plan := p.Plan()
			attempts, begin := 0, time.Now()
			for range calls {
				f := &foe{next: exhausting(courses)}
				_, _ = ductile.DoConcurrent(context.Background(), p, f.call)
				attempts += int(f.calls.Load())
				time.Sleep(milli(every))
			}
			synctest.Wait()
			const window = 10 * time.Second
			floor := plan.LoadFloor
			most := plan.Load * float64(calls)
			if floor > 0 {
				most += floor * (time.Since(begin) + window).Seconds()
			}
			if float64(attempts) > most+1e-6 {
				t.Fatalf("%v: %d attempts of %d calls, %v apart, and not %v\n%v", courses, attempts, calls, milli(every), most, plan)
			}
		})
	})
}
