package rolling_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/internal/rolling"
)

// While its owner's clock only goes on, a counter is a list of events of which the last ten slices are looked at.
func TestCounterIsAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c rolling.Counter
		events := map[uint32]uint64{} // by slice
		now := rapid.OneOf(rapid.Uint32Range(1, 12), rapid.Uint32Range(1, 1<<31)).Draw(t, "begin")
		first := func() uint32 { return max(now, rolling.Slices) - rolling.Slices + 1 }
		sum := func() (n uint64) {
			for slice := first(); slice <= now; slice++ {
				n += events[slice]
			}
			return n
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				n := rapid.Uint32Range(0, 1<<20).Draw(t, "n")
				c.Add(now, n)
				events[now] += uint64(n)
			},
			"go on": func(t *rapid.T) { now += rapid.Uint32Range(1, 3).Draw(t, "slices") },
			"leap":  func(t *rapid.T) { now += rapid.Uint32Range(8, 25).Draw(t, "slices") },
			"take": func(t *rapid.T) {
				had := sum() > 0
				require.Equal(t, had, c.TakeOldest(now))
				for slice := first(); had; slice++ {
					if events[slice] > 0 {
						events[slice]--
						return
					}
				}
			},
			"": func(t *rapid.T) { require.Equal(t, sum(), c.Sum(now)) },
		})
	})
}
