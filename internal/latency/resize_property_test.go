package latency

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Against a list of what was recorded and when. What is younger than two thirds of every span since is there; what is older than the span,
// and a slice for every change, is not; and what is there follows the rule of Resize to the last.
func TestResizeAgainstAList(t *testing.T) {
	type sample struct {
		at, dated, surely, creeps time.Duration
	}
	rapid.Check(t, func(t *rapid.T) {
		spans := rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(10, 600).Draw(t, "span")) * time.Second / 10
		})
		long, now := spans.Draw(t, "first"), time.Duration(0)
		w := NewWindow(long)
		var samples []sample
		number := func(at time.Duration) int64 { return int64(at / (long / Slices)) }
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += long / time.Duration(rapid.IntRange(1, 20).Draw(t, "of the span"))
			w.Advance(now)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				slice, next := long/Slices, spans.Draw(t, "next")
				kept := samples[:0]
				for _, s := range samples {
					if number(s.dated) <= number(now)-Slices {
						continue
					}
					s.dated = min(time.Duration(number(s.dated)+1)*slice-1, now)
					s.surely, s.creeps = min(s.surely, next), s.creeps+slice
					kept = append(kept, s)
				}
				samples, long = kept, next
				w.Resize(long, now)
			default:
				w.Record(time.Second)
				samples = append(samples, sample{now, now, long, 0})
			}
			var there, surely, possibly uint64
			for _, s := range samples {
				if number(s.dated) > number(now)-Slices {
					there++
				}
				if now-s.at < s.surely/Slices*(Slices-1) {
					surely++
				}
				if now-s.at <= long+s.creeps {
					possibly++
				}
			}
			require.Equal(t, there, holds(w, now))
			require.GreaterOrEqual(t, holds(w, now), surely)
			require.LessOrEqual(t, holds(w, now), possibly)
		}
	})
}
