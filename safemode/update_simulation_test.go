package safemode_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/safemode"
)

// tinker changes an option every now and then, for as long as a test lasts: none below its default, and none above a bound.
func tinker(t *testing.T, m *safemode.Mode, random *rand.Rand) (stop func()) {
	t.Helper()
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Duration(random.Int64N(int64(20 * second)))):
			}
			two := func() bool { return random.IntN(2) == 0 }
			option := safemode.Sustain(sustain)
			switch n := random.IntN(8); {
			case n == 0 && two():
				option = safemode.Sustain(2 * sustain)
			case n == 1:
				option = safemode.EngagedFor(30*second + time.Duration(random.Int64N(int64(30*second))))
			case n == 2:
				option = safemode.EngagedGrowth(2+random.Float64(), 5*time.Minute+time.Duration(random.Int64N(int64(3*time.Minute))))
			case n == 3:
				option = safemode.Steps([][]int{{10, 4, 2}, {8, 7, 6}, {20, 10, 4, 1}, {3, 2, 1}}[random.IntN(4)]...)
			case n == 4:
				option = safemode.StepAtLeast(3*second+time.Duration(random.Int64N(int64(2*second))), 10+random.IntN(10))
			case n == 5:
				option = safemode.Window(10*second + time.Duration(random.Int64N(int64(time.Minute))))
			case n == 6:
				option = safemode.Probes(5 + random.IntN(4))
			case n == 7:
				option = safemode.FailureRate(0.5 + 0.1*random.Float64())
			}
			assert.NoError(t, m.Update(safemode.Automatic(option)))
		}
	}()
	return func() {
		close(done)
		<-over
	}
}

// While somebody changes the options, a mode neither flaps nor sticks, by the loosest of them.
func TestUpdateNeitherFlapsNorSticks(t *testing.T) {
	for _, share := range []float64{0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1} {
		in(t, fmt.Sprintf("%.1f fail", share), func(t *testing.T) {
			var d diary
			m := safemode.New(safemode.Automatic(), safemode.OnChange(d.write))
			random := rand.New(rand.NewPCG(7, 8))
			stop := tinker(t, m, rand.New(rand.NewPCG(9, uint64(10*share))))
			const rate = 20
			for range 10 {
				traffic(rate).play(m, 2*time.Minute, random, func(level safemode.Level) float64 { // well while it is spared, for a while
					if level == safemode.Normal {
						return share
					}
					return 0
				})
				traffic(rate).play(m, 2*time.Minute, random, func(safemode.Level) float64 { return share })
			}
			doesNotFlap(t, d.read())
			if share >= 0.8 {
				require.Greater(t, len(d.read()), 10, "or this test shows nothing")
			}
			const longest = 528 * second // 8 min, and their jitter
			back := func(refused float64) time.Duration {
				return time.Duration((8/refused + 4*(5+0.5+21/refused)) * float64(second))
			}
			traffic(rate).play(m, longest+back(2*rate)+back(rate), random, func(safemode.Level) float64 { return 0 })
			assert.Equal(t, safemode.Normal, m.Level())
			doesNotFlap(t, d.read())
			stop()
		})
	}
}
