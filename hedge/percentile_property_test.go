package hedge_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/internal/latency"
)

// Against a list of what was seen and when, sorted: the delay is at most a sixteenth above the exact percentile of the same answers, and never
// below it. An end without an answer is among them where it was not below the delay of that moment.
func TestTheDelayAgainstASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			const slice = time.Second
			part := rapid.IntRange(1, 999).Draw(t, "of a thousand")
			samples := rapid.IntRange(1, 40).Draw(t, "enough")
			p := hedge.New(hedge.Window(3*slice), hedge.Percentile(float64(part)/1000), hedge.MinSamples(samples), hedge.MinDelay(0))
			type sample struct {
				slice int
				took  time.Duration
			}
			begin := time.Now()
			now := func() int { return int(time.Since(begin) / slice) }
			var seen []sample
			for range rapid.IntRange(1, 200).Draw(t, "steps") {
				if rapid.IntRange(0, 9).Draw(t, "pause") == 0 {
					time.Sleep(time.Duration(rapid.Int64Range(int64(slice/10), int64(2*slice)).Draw(t, "for")))
				}
				power := rapid.IntRange(16, 38).Draw(t, "power") // from 66 µs, above which each end reads the clock
				took := time.Duration(rapid.Int64Range(1<<power, 2<<power-1).Draw(t, "took"))
				if rapid.IntRange(0, 4).Draw(t, "kind") > 0 {
					p.Observe(took, nil)
					seen = append(seen, sample{now(), took})
					continue
				}
				p.Observe(0, errDown) // so that the delay is what it will be asked against
				delay, known := p.Delay(1)
				p.Observe(took, errDown)
				if known && took >= latency.Floor(delay) {
					seen = append(seen, sample{now(), took})
				}
			}
			time.Sleep(slice / 10) // it is due
			p.Observe(0, errDown)

			var exact []time.Duration
			for _, s := range seen {
				if s.slice > now()-latency.Slices {
					exact = append(exact, s.took)
				}
			}
			slices.Sort(exact)
			require.EqualValues(t, len(exact), p.Snapshot().Samples)
			delay, known := p.Delay(1)
			require.Equal(t, len(exact) >= samples, known, "%d of %d", len(exact), samples)
			if known {
				want := exact[(len(exact)*part+999)/1000-1]
				require.LessOrEqual(t, want, delay)
				require.LessOrEqual(t, 16*(delay-want), want, "%v for %v", delay, want)
			}
		})
	})
}

// Nothing that a hedge can be told makes it say what is out of its bounds.
func TestDecisionsStayInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			duration := func(name string) time.Duration { return time.Duration(rapid.Int64().Draw(t, name)) }
			low := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "min"))
			high := low + time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "max"))
			extra := rapid.IntRange(0, 3).Draw(t, "extra")
			p := hedge.New(hedge.MinSamples(1), hedge.Extra(extra), hedge.MinDelay(low), hedge.MaxDelay(high))
			for range rapid.IntRange(1, 50).Draw(t, "steps") {
				time.Sleep(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "pause")))
				p.Observe(duration("took"), rapid.SampledFrom([]error{nil, errDown, errors.ErrUnsupported}).Draw(t, "end"))
				for started := 1; started < 6; started++ {
					if wait, more := p.Delay(started); more {
						require.LessOrEqual(t, started, extra)
						require.LessOrEqual(t, low, wait)
						require.LessOrEqual(t, wait, high)
					} else {
						require.Zero(t, wait)
					}
					left := duration("left")
					if p.Launch(started, left) {
						require.LessOrEqual(t, started, extra)
						require.Positive(t, left)
					}
				}
			}
		})
	})
}
