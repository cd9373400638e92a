package hedge_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/hedge"
)

func TestSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hedge.New(hedge.Name("inventory"))
		assert.Equal(t, hedge.Snapshot{Name: "inventory"}, p.Snapshot(), "new")
		for i := range 1000 {
			answers(p, 1, time.Duration(i+1)*time.Millisecond)
		}
		about := func(want, is time.Duration) {
			t.Helper()
			assert.LessOrEqual(t, want, is)
			assert.LessOrEqual(t, is, want+want/16)
		}
		s := p.Snapshot()
		assert.EqualValues(t, 1000, s.Samples)
		about(500*time.Millisecond, s.P50)
		about(950*time.Millisecond, s.P95)
		about(990*time.Millisecond, s.P99)
		assert.False(t, s.Known, "nobody has looked yet")
		assert.Zero(t, s.Delay)
		assert.Equal(t, s, p.Snapshot(), "reading changes nothing")

		look(p)
		s = p.Snapshot()
		delay, _ := p.Delay(1)
		assert.True(t, s.Known)
		assert.Equal(t, delay, s.Delay)
		assert.Equal(t, delay, s.P95)

		time.Sleep(time.Hour)
		s = p.Snapshot()
		assert.Zero(t, s.Samples, "reading knows what time it is")
		assert.Zero(t, s.P50+s.P95+s.P99)
		assert.True(t, s.Known, "but the next call has this delay")
		assert.Equal(t, delay, s.Delay)
	})
}

// With a fixed delay the latencies are observed all the same, to see where it lies among them.
func TestSnapshotOfAFixedDelay(t *testing.T) {
	p := hedge.New(hedge.After(time.Second))
	assert.Equal(t, hedge.Snapshot{Name: "hedge", Delay: time.Second, Known: true}, p.Snapshot())
	answers(p, 1, time.Minute)
	s := p.Snapshot()
	assert.EqualValues(t, 1, s.Samples)
	assert.GreaterOrEqual(t, s.P50, time.Minute)
	assert.Equal(t, time.Second, s.Delay)
}
