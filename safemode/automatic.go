package safemode

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
	"github.com/ductile-go/ductile/internal/rolling"
)

// An AutomaticOption changes when a mode with [Automatic] engages and releases itself.
//
// It hears how the calls end that its gates let go. When 50 % of at least 20 calls in 10 s failed, and went on to for 10 s, it goes one
// level further, from normal to degraded; when that is still so of the calls that go there, on to safe. A failure is what has the class
// transient, timeout or overload, a panic, and a rejection by a policy inside: the caller was not served, and behind a breaker that is
// open nothing else would be heard.
//
// It stays there for 30 s, and twice as long each time that it engages again soon after having released (within the longest such time), or
// that releasing fails, up to 5 min, give or take 10 %. Then it lets 5 calls through that the level refuses, as probes with leases of 10
// s. If less than 25 % of them fail, three steps follow, of 3 s and 10 calls at least: each lets the 10 calls through that it needs in 3
// s, and of all others one in 10, then one in 4, then one in 2. After the last the next better level begins. As soon as 25 % of a step's
// calls have failed, it waits again.
//
// It does not flap, whatever share of the calls fails: let E be EngagedFor less its jitter, S Sustain, and T the time of all steps. In any
// time below S + E + T its level changes at most 4 times (that is 46 s by default). While it goes on failing, E grows.
//
// It does not stick: let M be the longest EngagedFor and its jitter. Once calls succeed, each within d, and r of them a second are
// refused, it leaves its level within M + d (a lease, for probes that hang) and the time that a way back takes: Probes/r + d, and for each
// step of time t and c calls t + t/c + (c+1)/r + d. From safe mode there are two ways back, with one M. By default, at 10 calls a second
// that take no time: 330 s, and 13.7 s for each level. Without calls nothing is known, and nothing changes.
//
// Where [Mode.Update] changes the options, both hold for the loosest that were set in that time: the first for the smallest E, S, number
// of steps and time of a step, the other for the largest of each.
type AutomaticOption func(*automatic) error

// automatic is what a mode does by itself. Once a mode has it, it is not changed: each Update makes another.
type automatic struct {
	window      time.Duration
	minCalls    uint64
	failureRate uint64 // millionths
	sustain     time.Duration
	engaged     time.Duration
	growth      float64
	limit       time.Duration // of growth
	jitter      float64
	probes      int
	lease       time.Duration
	releaseRate uint64 // millionths; half of failureRate unless set
	stepTime    time.Duration
	stepCalls   uint64
	steps       []uint64 // one call in so many
	classify    fault.Classifier
	countAs     map[fault.Class]fault.Class
	set         struct{ growth, releaseRate bool } // by the user
}

// The bounds of what options take.
const (
	minWindow = time.Second
	maxWindow = time.Hour
	maxProbes = 1 << 10
	maxOneIn  = 1 << 10
)

// clone returns a copy that options may change; of nil, the defaults.
func (a *automatic) clone() *automatic {
	if a == nil {
		return &automatic{
			window: 10 * time.Second, minCalls: 20, failureRate: million / 2, sustain: 10 * time.Second,
			engaged: 30 * time.Second, growth: 2, limit: 5 * time.Minute, jitter: 0.1,
			probes: 5, lease: 10 * time.Second, stepTime: 3 * time.Second, stepCalls: 10, steps: []uint64{10, 4, 2},
		}
	}
	c := *a
	c.countAs = maps.Clone(a.countAs)
	return &c
}

// complete works out what follows from the other options, and returns what is wrong with them as a whole.
func (a *automatic) complete() error {
	if !a.set.releaseRate {
		a.releaseRate = max(a.failureRate/2, 1)
	}
	if a.releaseRate > a.failureRate {
		return refuse.Value("safemode", "ReleaseRate", float64(a.releaseRate)/million,
			fmt.Sprintf("at most %v, the FailureRate", float64(a.failureRate)/million))
	}
	if a.set.growth && a.growth > 1 && a.limit < a.engaged {
		return refuse.Value("safemode", "EngagedGrowth", fmt.Sprintf("%v, %v", a.growth, a.limit),
			fmt.Sprintf("given a limit that is not below the EngagedFor of %v", a.engaged))
	}
	return nil
}

func (a *automatic) slice() time.Duration { return a.window / rolling.Slices }

// longest is for how long a level is kept at most, jitter apart.
func (a *automatic) longest() time.Duration { return max(a.limit, a.engaged) }

// engagedFor returns for how long a level is kept when leaving has come to nothing so often in a row before. drawn, from 0 to 1, is where
// that lies within its jitter.
func (a *automatic) engagedFor(before int, drawn float64) time.Duration {
	d := min(float64(a.engaged)*math.Pow(a.growth, float64(before)), float64(a.longest()))
	d *= 1 + a.jitter*(2*drawn-1)
	if d < math.MaxInt64 {
		return time.Duration(d)
	}
	return math.MaxInt64
}

// DrawFrom makes the mode draw from a source in place of math/rand's (for how long it stays engaged), so that a simulation comes out the same each
// time: ductiletest.Simulate calls it. Call it before the first call goes through one of its gates.
func (m *Mode) DrawFrom(source rand.Source) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.memory.dice = rand.New(source)
}

// DrawFrom is that of the mode.
func (g *Gate) DrawFrom(source rand.Source) { g.mode.DrawFrom(source) }

// draw draws from 0 to 1. The caller holds the mode's lock.
func (y *memory) draw() float64 {
	if y.dice != nil {
		return y.dice.Float64()
	}
	return rand.Float64()
}

// numbers says for what the automatic has engaged.
func (a *automatic) numbers(c Counts) string {
	says := fmt.Sprintf("%.3g %% of %d calls in %v failed", 100*c.FailureRate(), c.Calls, a.window)
	if a.sustain > 0 {
		says += fmt.Sprintf(", for %v or longer", a.sustain)
	}
	return says
}

// String says when the mode engages and releases itself.
func (a *automatic) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "at %v %% failures of >= %d calls in %v, for %v; for %v, then ",
		float64(a.failureRate)/(million/100), a.minCalls, a.window, a.sustain, a.engaged)
	if a.probes == 1 {
		b.WriteString("a probe")
	} else {
		fmt.Fprintf(&b, "%d probes", a.probes)
	}
	for i, oneIn := range a.steps {
		if i == 0 {
			b.WriteString(", then one call in ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, oneIn)
	}
	return b.String()
}
