package latency

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Against a list of what was recorded and when, sorted: the same number, and a quantile that is at most a sixteenth above the exact
// one, never below it.
func TestWindowAgainstASortedList(t *testing.T) {
	type sample struct {
		slice int
		took  time.Duration
	}
	rapid.Check(t, func(t *rapid.T) {
		w, now := NewWindow(span), time.Duration(0)
		var recorded []sample
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			if rapid.IntRange(0, 19).Draw(t, "pause") == 0 {
				now += time.Duration(rapid.Int64Range(0, int64(2*span)).Draw(t, "for"))
				if rapid.Bool().Draw(t, "and somebody notices") {
					w.Advance(now)
				}
			}
			power := rapid.IntRange(lowBits, highBits-1).Draw(t, "power")
			took := time.Duration(rapid.Int64Range(1<<power, 2<<power-1).Draw(t, "took"))
			w.Advance(now)
			w.Record(took)
			recorded = append(recorded, sample{int(now / time.Second), took})
		}
		now += time.Duration(rapid.Int64Range(0, int64(span)).Draw(t, "later"))
		var exact []time.Duration
		for _, s := range recorded {
			if s.slice > int(now/time.Second)-Slices {
				exact = append(exact, s.took)
			}
		}
		slices.Sort(exact)
		counts := w.Read(now)
		require.EqualValues(t, len(exact), counts.Total)
		if len(exact) == 0 {
			return
		}
		share := rapid.Uint64Range(1, all).Draw(t, "share")
		rank := (uint64(len(exact))*share + all - 1) / all
		want := exact[rank-1]
		low, high := counts.Quantile(share)
		require.LessOrEqual(t, low, want)
		require.LessOrEqual(t, want, high)
		require.LessOrEqual(t, 16*(high-want), want, "%v for %v", high, want)
	})
}
