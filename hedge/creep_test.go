package hedge_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// A hedge observes latencies that it changes itself, and learns least of the copies that it overtakes. These tests close that loop: calls
// as a pipeline makes them, but for their latencies, which are drawn and not waited for.

// A dependency answers a copy after so many milliseconds. slow says that the call is one that is slow in all its copies.
type dependency func(random *rand.Rand, slow bool) float64

func lognormal(random *rand.Rand) float64 {
	return math.Exp(math.Log(4.64) + 0.385*random.NormFloat64())
}

func exponential(random *rand.Rand, _ bool) float64 { return 10 * random.ExpFloat64() }

func withStragglers(random *rand.Rand, _ bool) float64 {
	if random.Float64() < 0.05 {
		return 10 * lognormal(random)
	}
	return lognormal(random)
}

func withSlowKeys(random *rand.Rand, slow bool) float64 {
	if slow {
		return 10 * lognormal(random)
	}
	return lognormal(random)
}

func withAReplicaThatHangs(random *rand.Rand, _ bool) float64 {
	if random.Float64() < 0.1 {
		return math.MaxInt32
	}
	return lognormal(random)
}

// What a hedge is told of a copy that was overtaken: the truth; nothing, as tower does it; or that its time is an answer's.
type telling func(p *hedge.Policy, took time.Duration, outlasted bool)

func truth(p *hedge.Policy, took time.Duration, outlasted bool) {
	p.Observe(took, fault.Superseded(outlasted))
}
func nothing(*hedge.Policy, time.Duration, bool)           {}
func anAnswer(p *hedge.Policy, took time.Duration, _ bool) { p.Observe(took, nil) }
func share(random *rand.Rand, part float64) bool           { return random.Float64() < part }
func ms(n float64) time.Duration                           { return time.Duration(n * float64(time.Millisecond)) }

// load makes calls, a thousand a second for three minutes, each with a deadline of one second. It returns the share of calls that had a copy
// in the last minute.
func load(p *hedge.Policy, answer dependency, tell telling) float64 {
	const calls, settled = 180_000, 120_000
	random, copies := rand.New(rand.NewPCG(1, 0)), 0
	for call := range calls {
		time.Sleep(time.Millisecond)
		slow := share(random, 0.05)
		start, took := []time.Duration{0}, []time.Duration{ms(answer(random, slow))}
		end := min(took[0], time.Second)
		delay := time.Duration(math.MaxInt64)
		for n := 1; ; n++ {
			wait, more := p.Delay(n)
			next := start[n-1] + wait
			if !more || next >= end || !p.Launch(n, time.Second-next) {
				break
			}
			delay = wait
			start, took = append(start, next), append(took, ms(answer(random, slow)))
			end = min(end, next+took[n])
			if call >= settled {
				copies++
			}
		}
		for n := range start {
			switch {
			case start[n]+took[n] == end:
				p.Observe(took[n], nil)
			case end == time.Second:
				p.Observe(end-start[n], fault.End(context.DeadlineExceeded, fault.ClassTimeout))
			default:
				tell(p, end-start[n], end-start[n] > delay)
			}
		}
	}
	return float64(copies) / (calls - settled)
}

// The load that a hedge adds stays what its percentile says.
func TestHedgesDoNotCreep(t *testing.T) {
	quarter := []hedge.Option{hedge.Percentile(0.75)}
	for _, row := range []struct {
		name        string
		options     []hedge.Option
		answer      dependency
		least, most float64
		otherwise   map[string]float64 // what it becomes at least if the hedge is told otherwise
	}{
		{"one answer in twenty is slow", nil, withStragglers, 0.045, 0.052, map[string]float64{"nothing": 0.085}},
		{"exponential", nil, exponential, 0.045, 0.052, map[string]float64{"nothing": 0.085}},
		{"exponential, two extra copies", []hedge.Option{hedge.Extra(2)}, exponential, 0.045, 0.052, map[string]float64{"nothing": 0.085}},
		{"exponential, one in four", quarter, exponential, 0.24, 0.265, map[string]float64{"nothing": 0.38, "an answer": 0.28}},
		{"one call in twenty is slow in all copies", nil, withSlowKeys, 0.035, 0.052, nil},
	} {
		in(t, row.name, func(t *testing.T) {
			rate := load(hedge.New(row.options...), row.answer, truth)
			t.Logf("told the truth: %.1f %%", 100*rate)
			assert.GreaterOrEqual(t, rate, row.least)
			assert.LessOrEqual(t, rate, row.most)
			for name, tell := range map[string]telling{"nothing": nothing, "an answer": anAnswer} {
				rate := load(hedge.New(row.options...), row.answer, tell)
				t.Logf("told %s: %.1f %%", name, 100*rate)
				assert.GreaterOrEqual(t, rate, row.otherwise[name], "or this test shows nothing")
			}
		})
	}
}

// When more calls hang than the percentile leaves, the delay rises, a little in each window, until MaxDelay. All that hang have their copies
// then.
func TestMaxDelayWhenAReplicaHangs(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p, bounded := hedge.New(), hedge.New(hedge.MaxDelay(20*time.Millisecond))
		rate, boundedRate := load(p, withAReplicaThatHangs, truth), load(bounded, withAReplicaThatHangs, truth)
		t.Logf("%.1f %% after %v; at most 20 ms: %.1f %%", 100*rate, p.Snapshot().Delay, 100*boundedRate)
		assert.Greater(t, p.Snapshot().Delay, 30*time.Millisecond)
		assert.Less(t, p.Snapshot().Delay, 200*time.Millisecond)
		assert.Equal(t, 20*time.Millisecond, bounded.Snapshot().Delay)
		assert.InDelta(t, 0.1, boundedRate, 0.01)
	})
}
