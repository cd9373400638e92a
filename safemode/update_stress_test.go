package safemode_test

import (
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/safemode"
)

// update makes one change of a mode that may be in use, or an order, or tries one that makes no sense.
func update(t *testing.T, m *safemode.Mode, random *rand.Rand) {
	t.Helper()
	n := random.IntN(8)
	soon := time.Duration(1+random.IntN(2000)) * time.Microsecond
	switch random.IntN(12) {
	case 0:
		assert.Error(t, m.Update(safemode.Automatic(safemode.Window(59*time.Minute), safemode.Probes(0))))
	case 1:
		assert.Error(t, m.Update(safemode.Automatic(safemode.Window(59*time.Minute)), safemode.Name("other")))
	case 2:
		assert.Error(t, m.Update(safemode.Automatic(safemode.Window(59*time.Minute)), safemode.NoAutomatic(), nil))
	case 3:
		assert.NoError(t, m.Update(safemode.NoAutomatic()))
		m.Disengage()
	case 5:
		tune(t, m, safemode.Window(time.Second+1000*soon), safemode.MinCalls(1+n), safemode.FailureRate(0.2+float64(n)/10), safemode.Sustain(soon))
	case 4, 6, 7:
		tune(t, m, safemode.EngagedFor(soon), safemode.EngagedJitter(float64(n)/10), safemode.EngagedGrowth(1+float64(n), 2*time.Millisecond))
	case 8:
		tune(t, m, safemode.Probes(1+n), safemode.ProbeLease(soon), safemode.Sustain(0))
	case 9:
		tune(t, m, safemode.StepAtLeast(soon, 1+n))
	case 10:
		tune(t, m, safemode.Steps([][]int{{1}, {10, 4, 2}, {3, 2, 1}, {8}}[n%4]...))
	default:
		tune(t, m)
		s := m.Snapshot()
		assert.LessOrEqual(t, s.Counts.Failures, s.Counts.Calls)
		assert.LessOrEqual(t, s.Probing, 8, "as many as ever may be out")
		assert.GreaterOrEqual(t, s.Probing, 0)
	}
	assert.NotContains(t, m.String(), "59m0s", "what was refused has changed nothing")
}

// While a thousand updates are made of a mode that a thousand goroutines use, a quarter of them nonsense: no call is lost, no permit, and
// each change of level is one event. Afterwards it does what its options say.
func TestUpdateStress(t *testing.T) {
	var d diary
	release := []safemode.AutomaticOption{safemode.ReleaseRate(1e-6), safemode.Sustain(0), safemode.EngagedFor(time.Microsecond)}
	m := safemode.New(simple(release...), safemode.OnChange(d.write))
	const updating, each = 4, 250
	var bad atomic.Bool
	made, reached := crowd(t, m, 200, func(n int) error {
		switch {
		case n%1009 == 0:
			panic("test")
		case bad.Load() || n%50 == 0:
			return errDown
		}
		return nil
	}, func(done func() bool) {
		var all sync.WaitGroup
		for u := range updating {
			all.Go(func() {
				random := rand.New(rand.NewPCG(uint64(u), 0))
				for i := 0; i < each || !done(); i++ {
					bad.Store(random.IntN(2) == 0)
					update(t, m, random)
					runtime.Gosched()
				}
			})
		}
		all.Wait()
	})
	assert.Positive(t, reached)
	assert.LessOrEqual(t, reached, made)
	chained(t, d.read(), safemode.Normal)
	met := map[safemode.Cause]int{}
	for _, c := range d.read() {
		met[c.Cause]++
	}
	t.Logf("%d calls, of which %d reached the function; %v", made, reached, met)
	assert.Positive(t, met[safemode.CauseFailureRate])

	require.NoError(t, m.Update(simple()))
	m.Engage("for fresh evidence")
	m.Disengage()
	assert.True(t, strings.HasSuffix(m.String(), safemode.New(simple()).String()))
	tune(t, m, safemode.Sustain(0), safemode.StepAtLeast(1, 4), safemode.EngagedFor(1))
	calls(t, m, 10, errDown)
	require.Equal(t, safemode.Degraded, m.Level())
	for m.Level() > safemode.Normal {
		tries(m, 1, nil)
	}
	assert.Zero(t, m.Snapshot().Probing)
}

// Of updates that meet, of different options, none is lost.
func TestUpdatesMeetStress(t *testing.T) {
	for range 200 {
		m := safemode.New(safemode.Automatic(safemode.Probes(2)))
		var all sync.WaitGroup
		for _, option := range []safemode.AutomaticOption{
			safemode.FailureRate(0.8), safemode.MinCalls(30), safemode.Window(time.Minute), safemode.Sustain(0),
			safemode.EngagedFor(time.Second), safemode.Probes(1), safemode.Steps(3),
		} {
			all.Go(func() { tune(t, m, option) })
		}
		all.Wait()
		require.Equal(t, "refuses unless normal; by hand, or at 80 % failures of >= 30 calls in 1m0s, for 0s; for 1s, then a probe, then one call in 3",
			m.String())
	}
}
