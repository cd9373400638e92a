package safemode_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/safemode"
)

// A traffic is how many calls a second each of the three kinds of work makes.
type traffic float64

// play makes calls for a time, of which a share fails, which is asked each time. The calls take no time.
func (r traffic) play(m *safemode.Mode, long time.Duration, random *rand.Rand, share func(level safemode.Level) float64) {
	pause, each := time.Duration(float64(second)/float64(r)), 1
	for pause < 50*time.Millisecond {
		pause, each = pause*2, each*2
	}
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(pause) {
		for range each {
			for lowest := safemode.Normal; lowest <= safemode.Safe; lowest++ {
				g := m.For(lowest)
				if token, err := g.Acquire(always); err == nil {
					if random.Float64() < share(m.Level()) {
						err = errDown
					}
					g.Release(token, err)
				}
			}
		}
	}
}

// The bounds of the documentation, for a mode as it comes.
const (
	sustain  = 10 * second
	soonest  = 27 * second  // EngagedFor less its jitter
	latest   = 330 * second // the longest, and its jitter
	steps    = 9 * second
	unstable = sustain + soonest + steps
)

// releases returns within what time a mode leaves a level of which so many calls a second are refused.
func releases(refused float64) time.Duration {
	total := 5/refused + 3*(3.3+11/refused)
	return time.Duration(total * float64(second))
}

// doesNotFlap checks that there are at most 4 changes of level in any time below the bound.
func doesNotFlap(t *testing.T, changes []safemode.Change) {
	t.Helper()
	var levels []time.Time
	for _, c := range changes {
		require.Zero(t, c.Missed)
		if c.From != c.To {
			levels = append(levels, c.At)
		}
	}
	for i := 4; i < len(levels); i++ {
		require.GreaterOrEqual(t, levels[i].Sub(levels[i-4]), unstable, "five changes up to %v", levels[i])
	}
}

// At any share of failures it changes its level a few times at most; and once all is well, it is back in time.
func TestNeitherFlapsNorSticks(t *testing.T) {
	each, shares := 20*time.Minute, 20
	if raceEnabled {
		shares = 4
	}
	for _, rate := range []traffic{0.7, 2, 20, 200} {
		for n := range shares + 1 {
			share := float64(n) / float64(shares)
			in(t, fmt.Sprintf("%v calls a second, %.2f fail", rate, share), func(t *testing.T) {
				var d diary
				m := safemode.New(safemode.Automatic(), safemode.OnChange(d.write))
				random := rand.New(rand.NewPCG(uint64(n), uint64(rate)))
				long := each
				if rate > 100 {
					long /= 4
				}
				rate.play(m, long, random, func(safemode.Level) float64 { return share })
				doesNotFlap(t, d.read())
				during := len(d.read())
				switch {
				case share <= 0.2:
					assert.Zero(t, during)
				case share >= 0.8 && rate >= 2:
					assert.Equal(t, safemode.Safe, m.Level())
					assert.Equal(t, safemode.Safe, d.read()[1].To, "and straight")
				}
				if share == 0.4 && rate >= 20 { // too bad to come back from, and not bad enough to engage
					assert.Zero(t, during)
				}

				within := latest + releases(2*float64(rate)) + releases(float64(rate))
				rate.play(m, within, random, func(safemode.Level) float64 { return 0 })
				assert.Equal(t, safemode.Normal, m.Level(), "%v after it recovered", within)
				doesNotFlap(t, d.read())
				after := len(d.read())
				rate.play(m, 10*time.Minute, random, func(safemode.Level) float64 { return 0 })
				assert.Len(t, d.read(), after, "and stays")
			})
		}
	}
}

// Nor do dependencies that would provoke it: that are well for as long as they are spared, or fall and rise in any rhythm.
func TestDoesNotFlapWhenProvoked(t *testing.T) {
	provoked := func(t *testing.T, most int, share func(level safemode.Level) float64) {
		t.Helper()
		var d diary
		m := safemode.New(safemode.Automatic(), safemode.OnChange(d.write))
		random := rand.New(rand.NewPCG(1, 2))
		traffic(20).play(m, time.Hour, random, share)
		doesNotFlap(t, d.read())
		levels := 0
		for _, c := range d.read() {
			if c.From != c.To {
				levels++
			}
		}
		assert.Positive(t, levels)
		assert.LessOrEqual(t, levels, most)
	}
	in(t, "well while it is spared", func(t *testing.T) {
		provoked(t, 2*(4+13), func(level safemode.Level) float64 { // four waits that grow, and then one each 289 s
			if level == safemode.Normal {
				return 1
			}
			return 0
		})
	})
	in(t, "well in safe mode only", func(t *testing.T) {
		provoked(t, 4*(4+13), func(level safemode.Level) float64 {
			if level == safemode.Safe {
				return 0
			}
			return 1
		})
	})
	for _, period := range []time.Duration{5 * second, 15 * second, 25 * second, 50 * second, 100 * second, 500 * second} {
		in(t, fmt.Sprintf("down for %v, up for %v", period, period), func(t *testing.T) {
			start := time.Now()
			var d diary
			m := safemode.New(safemode.Automatic(), safemode.OnChange(d.write))
			random := rand.New(rand.NewPCG(3, 4))
			traffic(20).play(m, time.Hour, random, func(safemode.Level) float64 {
				if time.Since(start)/period%2 == 0 {
					return 1
				}
				return 0
			})
			doesNotFlap(t, d.read())
		})
	}
}

// The bound on release is no idle one: a mode whose last failure falls into the last step takes most of it.
func TestTheBoundIsNear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := safemode.New(safemode.Automatic(safemode.EngagedJitter(0)))
		random := rand.New(rand.NewPCG(5, 6))
		rate := traffic(10)
		rate.play(m, time.Hour, random, func(safemode.Level) float64 { return 1 })
		for before := m.Snapshot().NextTry; m.Snapshot().NextTry <= before; { // until a try has just failed
			before = m.Snapshot().NextTry
			rate.play(m, 100*time.Millisecond, random, func(safemode.Level) float64 { return 1 })
		}
		recovered := time.Now()
		for m.Level() > safemode.Normal {
			rate.play(m, 100*time.Millisecond, random, func(safemode.Level) float64 { return 0 })
		}
		took := time.Since(recovered)
		t.Log(took)
		assert.Greater(t, took, 5*time.Minute)
		assert.Less(t, took, latest+releases(20)+releases(10))
	})
}
