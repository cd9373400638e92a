package rolling_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/internal/rolling"
)

// A resized window is a list of events too: those that the old window holds, each put off to the end of its slice or to the present.
// Nothing that both windows cover is lost, and nothing is there that either has passed, but for a slice at their ends.
func TestResizedCounterIsAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.OneOf(rapid.Just(time.Nanosecond), rapid.Just(time.Second), rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(1, int64(6*time.Minute)).Draw(t, "ns"))
		}))
		from, to := length.Draw(t, "from"), length.Draw(t, "to")
		begin := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, int64(time.Hour)), rapid.Just(int64(math.MaxInt64)-60*int64(from+to)))
		now := max(0, time.Duration(begin.Draw(t, "begin")))

		type event struct {
			at time.Duration
			n  uint64
		}
		var events []event
		var old rolling.Counter
		for range rapid.IntRange(0, 40).Draw(t, "events") {
			now += time.Duration(rapid.Int64Range(0, int64(from)).Draw(t, "later"))
			n := rapid.Uint32Range(0, 1000).Draw(t, "n")
			old.Add(slice(now, from), n)
			events = append(events, event{now, uint64(n)})
		}
		now += time.Duration(rapid.Int64Range(0, 2*int64(from)).Draw(t, "and then"))
		past := rolling.Past(nil).Inherit(&old, now, from, to)

		var least, most uint64
		for _, e := range events {
			switch ago := now - e.at; {
			case ago < (rolling.Slices-1)*min(from, to):
				least, most = least+e.n, most+e.n
			case ago < rolling.Slices*min(from, to)+from:
				most += e.n
			}
		}
		require.GreaterOrEqual(t, past.Sum(slice(now, to)), least, "what both cover")
		require.LessOrEqual(t, past.Sum(slice(now, to)), most, "what either has passed")

		resized := now
		for range 5 {
			want := uint64(0)
			for _, e := range events {
				last := min(e.at-e.at%from+from-1, resized)
				if last < e.at { // beyond what 64 bits hold
					last = resized
				}
				if resized/from-e.at/from < rolling.Slices && now/to-last/to < rolling.Slices {
					want += e.n
				}
			}
			require.Equal(t, want, past.Sum(slice(now, to)), "%v after", now-resized)
			now += time.Duration(rapid.Int64Range(0, 5*int64(to)).Draw(t, "after"))
		}
	})
}

// However often a window is resized, and by however little each time: an event is held for as long as any of the windows since would have
// held it, but for the width of a slice, and for at most the longest slice longer. And a past is never long.
func TestFloodOfResizingsForgets(t *testing.T) {
	lengths := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(1000, 1300).Draw(t, "ms")) * time.Millisecond
		}),
		rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(100, 10_000).Draw(t, "ms")) * time.Millisecond
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		type event struct {
			at      time.Duration
			longest time.Duration // slice since
			sure    bool          // to have been in each window since
			maybe   bool
		}
		var events []event
		now, length := time.Duration(rapid.IntRange(0, 10_000).Draw(t, "begin"))*time.Millisecond, lengths.Draw(t, "first")
		c, past := new(rolling.Counter), rolling.Past(nil)
		pass := func() (least, most uint64) {
			for i := range events {
				e := &events[i]
				e.longest = max(e.longest, length)
				e.sure = e.sure && now-e.at < (rolling.Slices-1)*length
				e.maybe = e.maybe && now-e.at < rolling.Slices*length+e.longest
				if e.sure {
					least++
				}
				if e.maybe {
					most++
				}
			}
			return least, most
		}
		pace := rapid.SampledFrom([]int{1, 200, 3000}).Draw(t, "pace")
		for range rapid.IntRange(0, 300).Draw(t, "resizings") {
			for range rapid.IntRange(0, 2).Draw(t, "events") {
				c.Add(slice(now, length), 1)
				events = append(events, event{at: now, sure: true, maybe: true})
				now += time.Duration(rapid.IntRange(0, pace).Draw(t, "between")) * time.Millisecond
			}
			now += time.Duration(rapid.IntRange(0, pace).Draw(t, "later")) * time.Millisecond
			least, most := pass()
			sum := c.Sum(slice(now, length)) + past.Sum(slice(now, length))
			require.GreaterOrEqual(t, sum, least, "before")
			require.LessOrEqual(t, sum, most, "before")

			to := lengths.Draw(t, "to")
			past, c, length = past.Inherit(c, now, length, to), new(rolling.Counter), to
			least, most = pass()
			sum = past.Sum(slice(now, length))
			require.GreaterOrEqual(t, sum, least, "after")
			require.LessOrEqual(t, sum, most, "after")
			require.LessOrEqual(t, len(past), 2*(rolling.Slices+1))
		}
	})
}
