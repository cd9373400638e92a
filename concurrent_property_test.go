package ductile_test

import (
	"maps"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// Random calls: any nesting of hedges, retries, fallbacks, timeouts, gates and middleware of all manners, around a function that may do
// anything, for a caller who may leave at any moment, and with code of the user's that panics, exits or cancels where one does not expect
// it. Whatever comes of the call, the books balance: see stage.audit.
func TestAnyConcurrentCall(t *testing.T) {
	if raceEnabled {
		// With go1.26, two goroutines of a bubble that set timers for now, on two cores, corrupt the race detector's own state.
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	}
	for _, outermost := range []string{"hedge", "middleware", "detached", "retry", "fallback", "timeout", "gate"} {
		t.Run(outermost, func(t *testing.T) {
			scenes := scenes(outermost)
			rapid.Check(t, func(t *rapid.T) {
				s := scenes.Draw(t, "scene")
				rapid.SyncTest(t, func(t *rapid.T) {
					st := s.set(ms)
					st.play()
					time.Sleep(time.Minute) // all that was late has come
					synctest.Wait()
					for _, wrong := range st.audit() {
						t.Error(wrong)
					}
				})
			})
		})
	}
}

// scenes draws scenes with such a policy outermost.
func scenes(outermost string) *rapid.Generator[scene] {
	ticks := rapid.IntRange(0, 12)
	layers := func(kinds ...string) *rapid.Generator[layer] {
		return rapid.Custom(func(t *rapid.T) layer { return drawLayer(t, rapid.SampledFrom(kinds).Draw(t, "kind"), ticks) })
	}
	first, others := layers(outermost), layers("hedge", "hedge", "hedge", "retry", "fallback", "timeout", "detached", "gate", "middleware", "middleware")
	one := func(t *rapid.T, of int, label string) bool { return rapid.IntRange(1, of).Draw(t, label) == of }
	acts := rapid.Custom(func(t *rapid.T) act {
		ends := []string{
			"success", "success", "success", "transient", "transient", "permanent", "ignored", "overload", "timeout", "canceled",
			"its context's", "moody", "panic", "exit",
		}
		return act{
			takes: ticks.Draw(t, "takes"), deaf: one(t, 4, "deaf"), retain: one(t, 3, "retain"), end: rapid.SampledFrom(ends).Draw(t, "end"),
			within: rapid.SampledFrom([]string{"", "", "", "", "", "Do", "itself"}).Draw(t, "within"),
		}
	})
	points := []string{
		"delay", "launch", "observe", "acquire", "release", "accepts", "recover", "before next", "after next", "limit", "class", "discard",
		"begin", "attempt started", "attempt ended", "rejected", "retry scheduled", "retry stopped", "hedge started", "hedge won",
		"contained", "timed out", "fell back", "ended",
	}
	return rapid.Custom(func(t *rapid.T) scene {
		s := scene{
			layers: append([]layer{first.Draw(t, "outermost")}, rapid.SliceOfN(others, 0, 5).Draw(t, "inside")...),
			acts:   rapid.SliceOfN(acts, 1, 6).Draw(t, "acts"),
			leaves: rapid.SampledFrom([]string{"", "", "before", "cancel", "deadline"}).Draw(t, "leaves"),
			when:   rapid.IntRange(0, 30).Draw(t, "when"),
			async:  rapid.Bool().Draw(t, "async"),
			once:   one(t, 10, "once"),
			report: one(t, 4, "report"),
		}
		if one(t, 3, "trapped") {
			s.trap = trap{
				point: rapid.SampledFrom(points).Draw(t, "point"), nth: rapid.IntRange(1, 4).Draw(t, "nth"),
				way: rapid.SampledFrom([]string{"panic", "exit", "cancel"}).Draw(t, "way"),
			}
		}
		return s
	})
}

func drawLayer(t *rapid.T, kind string, ticks *rapid.Generator[int]) layer {
	l := layer{kind: kind, ticks: ticks.Draw(t, "ticks"), n: rapid.IntRange(1, 4).Draw(t, "n")}
	byKind := map[string][]string{
		"hedge":      {"", "", "", "", "never", "long ago", "forever", "denied", "stubborn", "eager"},
		"middleware": slices.Sorted(maps.Keys(manners())),
		"fallback":   {"", "fails", "declines"},
		"gate":       {"", "", "refuses", "waits"},
	}
	if manners := byKind[kind]; manners != nil {
		l.manner = rapid.SampledFrom(manners).Draw(t, "manner")
	}
	return l
}
