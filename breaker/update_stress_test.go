package breaker_test

import (
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile/breaker"
)

// knobs are what Update takes, and bad ones what it does not, alone or with any of the others.
func knobs(rnd *rand.Rand) (good, bad breaker.Option) {
	n := 1 + rnd.IntN(20)
	micro := time.Duration(1+rnd.IntN(50)) * time.Microsecond
	good = []breaker.Option{
		breaker.Window(time.Duration(1+rnd.IntN(3)) * time.Second), breaker.CountWindow(20 + n), breaker.MinCalls(n), breaker.FailureRate(1 / float64(n)),
		breaker.ConsecutiveFailures(n), breaker.SlowCalls(time.Millisecond, 0.5), breaker.NoSlowCalls(), breaker.OpenTime(micro),
		breaker.OpenTimeJitter(rnd.Float64() / 2), breaker.Probes(n), breaker.ProbeLease(10 * micro), breaker.ProbeFailureRate(0.5),
		breaker.MinPatience(time.Second), breaker.NoMinPatience(), breaker.Ramp(micro), breaker.NoRamp(),
	}[rnd.IntN(16)]
	bad = []breaker.Option{nil, breaker.Name("other"), breaker.Probes(0), breaker.Window(1), breaker.OnTransition(func(breaker.Transition) {})}[rnd.IntN(5)]
	return good, bad
}

// A thousand goroutines make calls, lose probes and give orders while others turn every knob, a third of the time to nonsense. Every call
// is admitted or refused, and counted as such; the story that the listener hears has no gap; nonsense changes nothing; never more calls
// are in the window than were made, nor more probes out than were ever allowed; and in the end the breaker is what the last word made it.
func TestStressUpdate(t *testing.T) {
	defer goleak.VerifyNone(t)
	var news diary
	b := breaker.New(breaker.Name("stock"), breaker.ConsecutiveFailures(3), breaker.OpenTime(time.Microsecond), breaker.OpenTimeGrowth(1, time.Hour),
		breaker.OnTransition(news.write))
	var admitted, refusals, turn atomic.Int64
	swarm(1000, func(rnd *rand.Rand) {
		updates := turn.Add(1)%8 == 0
		for range 100 {
			if updates {
				good, bad := knobs(rnd)
				if err := b.Update(good); err != nil {
					t.Error(err)
				}
				if other, _ := knobs(rnd); rnd.IntN(2) == 0 && b.Update(other, bad, good) == nil {
					t.Error("nonsense was taken")
				}
			}
			token, err := b.Acquire(always)
			if err != nil {
				refusals.Add(1)
				runtime.Gosched()
				continue
			}
			admitted.Add(1)
			if dice := rnd.IntN(100); dice > 0 { // or it is lost
				b.Release(token, ends[rnd.IntN(len(ends))].err)
			}
			if rnd.IntN(100) == 0 {
				b.ForceClosed()
				b.Reset()
			}
			switch s := b.Snapshot(); {
			case s.Counts.Calls > 100_000, s.Counts.Failures+s.Counts.Consecutive > 200_000, s.Probing > 20:
				t.Errorf("%+v", s)
			case s.Name != "stock":
				t.Error("another name")
			}
		}
	})
	assert.Equal(t, int64(1000*100), admitted.Load()+refusals.Load())
	s := b.Snapshot()
	assert.Equal(t, uint64(refusals.Load()), s.Refused)
	missed, from := uint64(0), breaker.Closed
	for i, page := range news.read() {
		if missed += page.Missed; page.Missed == 0 {
			require.Equal(t, from, page.From, "transition %d", i+1)
		}
		from = page.To
	}

	last := []breaker.Option{
		breaker.ConsecutiveFailures(3), breaker.MinCalls(10), breaker.FailureRate(0.5), breaker.Window(time.Hour), breaker.NoSlowCalls(), breaker.OpenTime(1),
		breaker.OpenTimeJitter(0), breaker.Probes(2), breaker.ProbeFailureRate(0.5), breaker.ProbeLease(4 * time.Second), breaker.NoMinPatience(), breaker.NoRamp(),
	}
	update(t, b, last...)
	assert.Equal(t, breaker.SettingsOf(breaker.New(append(last, breaker.Name("stock"), breaker.OpenTimeGrowth(1, time.Hour))...)), breaker.SettingsOf(b))
	b.Reset()
	calls(t, b, 3, errDown)
	calls(t, b, 2, nil)
	assert.Equal(t, breaker.Closed, b.State())
}

// What one Update sets, another that meets it keeps: each of two goroutines turns knobs of its own, and finds them as it left them.
func TestStressUpdatesMeet(t *testing.T) {
	defer goleak.VerifyNone(t)
	b := breaker.New()
	var turn atomic.Int64
	swarm(2, func(*rand.Rand) {
		mine := []func(int) breaker.Option{breaker.Probes, breaker.MinCalls}[turn.Add(1)-1]
		for n := range 20_000 {
			if err := b.Update(mine(1 + n%1000)); err != nil {
				t.Error(err)
			}
		}
	})
	assert.Equal(t, "opens at 50 % failures of >= 1000 calls in 10s, or with fewer at 5 in a row; for 5s, then 1000 probes", b.String())
}

// The window is resized while calls end: those that had the old one in their hands at that instant may be left out, at most one of each
// goroutine at each resizing; none is there twice, and the row of failures has every one.
func TestStressResize(t *testing.T) {
	defer goleak.VerifyNone(t)
	const goroutines, each, resizings = 8, 20_000, 50
	for name, sizes := range map[string][2]breaker.Option{
		"time window":  {breaker.Window(time.Hour), breaker.Window(30 * time.Minute)},
		"count window": {breaker.CountWindow(1 << 18), breaker.CountWindow(1 << 19)},
		"another knob": {breaker.Probes(1), breaker.Probes(2)},
	} {
		t.Run(name, func(t *testing.T) {
			resizings := resizings
			if name == "another knob" {
				resizings *= 20
			}
			b := breaker.New(breaker.Window(time.Hour), sizes[0], breaker.NoFailureRate(), breaker.ConsecutiveFailures(1<<30))
			var turn atomic.Int64
			swarm(goroutines+1, func(*rand.Rand) {
				if turn.Add(1) == 1 {
					for n := range resizings {
						if err := b.Update(sizes[(n+1)%2]); err != nil {
							t.Error(err)
						}
						runtime.Gosched()
					}
					return
				}
				for range each {
					token, _ := b.Acquire(always)
					b.Release(token, errDown)
				}
			})
			c := b.Snapshot().Counts
			t.Log(goroutines*each-c.Calls, "left out")
			assert.Equal(t, uint64(goroutines*each), c.Consecutive)
			assert.Equal(t, c.Calls, c.Failures)
			assert.LessOrEqual(t, c.Calls, uint64(goroutines*each))
			if name == "another knob" {
				assert.Equal(t, uint64(goroutines*each), c.Calls, "the window is the same")
			}
			assert.GreaterOrEqual(t, int(c.Calls), goroutines*each-goroutines*resizings)
		})
	}
}

// Places that newer calls take while the old ones are being moved there stay theirs. When somebody alone has filled each again, what is
// left is what had been miscounted.
func TestStressResizeFullWindow(t *testing.T) {
	defer goleak.VerifyNone(t)
	b := breaker.New(breaker.CountWindow(1000))
	b.ForceClosed()
	var turn, over atomic.Int64
	swarm(4, func(rnd *rand.Rand) {
		if turn.Add(1) == 1 {
			for n := range 2000 {
				if err := b.Update(breaker.CountWindow(1000 + n%2)); err != nil {
					t.Error(err)
				}
				if c := b.Snapshot().Counts; c.Calls > 1001+4 {
					t.Errorf("%+v", c)
				}
			}
			over.Store(1)
			return
		}
		for over.Load() == 0 {
			token, _ := b.Acquire(always)
			b.Release(token, ends[rnd.IntN(len(ends))].err)
		}
	})
	calls(t, b, 1001, nil)
	assert.Equal(t, breaker.Counts{Calls: 1001}, b.Snapshot().Counts)
}
