package safemode_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/safemode"
)

// A moody listener writes its diary, and then ends abruptly over one cause, while the mood lasts.
type moody struct {
	diary

	over safemode.Cause
	end  func()
}

func (m *moody) hear(c safemode.Change) {
	m.write(c)
	if m.end != nil && c.Cause == m.over {
		m.end()
	}
}

func boom() { panic("boom") }

// Listeners hear of each change once, in order, and may use the mode.
func TestListeners(t *testing.T) {
	in(t, "all of them, until they stop", func(t *testing.T) {
		var one, two, three diary
		m := safemode.New(safemode.OnChange(one.write), safemode.OnChange(two.write))
		stop := m.Listen(three.write)
		m.Engage("a")
		stop()
		stop()
		m.Disengage()
		assert.Len(t, one.read(), 2)
		assert.Equal(t, one.read(), two.read())
		assert.Equal(t, one.read()[:1], three.read())
	})
	in(t, "in the order in which they came", func(t *testing.T) {
		var order []int
		hear := func(n int) func(safemode.Change) { return func(safemode.Change) { order = append(order, n) } }
		m := safemode.New(safemode.OnChange(hear(1)), safemode.OnChange(hear(2)), safemode.OnChange(hear(3)))
		m.Listen(hear(4))
		m.Engage("a")
		assert.Equal(t, []int{1, 2, 3, 4}, order)
	})
	in(t, "one that changes the mode", func(t *testing.T) {
		var d diary
		var m *safemode.Mode
		m = safemode.New(safemode.OnChange(func(c safemode.Change) {
			d.write(c)
			assert.NotNil(t, m.Snapshot())
			if c.To == safemode.Safe {
				m.Disengage()
			}
		}))
		m.Engage("a")
		assert.Equal(t, safemode.Normal, m.Level())
		assert.Equal(t, []safemode.Cause{safemode.CauseHeld, safemode.CauseDisengaged}, d.causes())
	})
	in(t, "one that hangs holds up one goroutine, and no memory", func(t *testing.T) {
		hang := make(chan struct{})
		var d diary
		m := safemode.New(safemode.OnChange(func(c safemode.Change) {
			<-hang
			d.write(c)
		}))
		go m.Engage("a")
		synctest.Wait()
		for range 50 {
			m.Disengage()
			m.Engage("b")
		}
		close(hang)
		synctest.Wait()
		pages := d.read()
		missed := uint64(0)
		for _, page := range pages {
			missed += page.Missed
		}
		assert.Len(t, pages, 65)
		assert.Equal(t, uint64(101-65), missed)
	})
}

// A listener that panics does so in the call that it was told by. By then the mode has done its work, and it goes on working.
func TestPanickingListener(t *testing.T) {
	in(t, "in Engage", func(t *testing.T) {
		m := safemode.New(safemode.OnChange(func(safemode.Change) { boom() }))
		assert.PanicsWithValue(t, "boom", func() { m.Engage("moving house") })
		assert.Equal(t, "moving house", refused(t, m).Reason)
		assert.PanicsWithValue(t, "boom", m.Disengage)
		calls(t, m, 10, nil)
	})
	in(t, "in Release, when it engages", func(t *testing.T) {
		m := safemode.New(simple(safemode.Sustain(0)), safemode.OnChange(func(safemode.Change) { boom() }))
		calls(t, m, 9, errDown)
		assert.PanicsWithValue(t, "boom", func() { calls(t, m, 1, errDown) })
		assert.Equal(t, safemode.Degraded, m.Level())
	})
	in(t, "in Acquire of a probe, which then does not go and gives its place back", func(t *testing.T) {
		l := &moody{over: safemode.CauseProbeExpired, end: boom}
		m := safemode.New(simple(), safemode.OnChange(l.hear))
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		time.Sleep(time.Hour) // it waits again, and may try again
		assert.PanicsWithValue(t, "boom", func() { begin(t, m) })
		assert.Zero(t, m.Snapshot().Probing, "no lease is lost")
		assert.Zero(t, m.Snapshot().Trial, "and it was no failure of the dependency's")
		release(t, m)
	})
	in(t, "in Acquire of a call that is refused", func(t *testing.T) {
		l := &moody{over: safemode.CauseProbeExpired, end: boom}
		m := safemode.New(simple(), safemode.OnChange(l.hear))
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		time.Sleep(5 * second)
		assert.PanicsWithValue(t, "boom", func() { _ = refused(t, m) })
		_ = refused(t, m)
	})
	in(t, "in Acquire, by Goexit", func(t *testing.T) {
		l := &moody{over: safemode.CauseProbeExpired, end: runtime.Goexit}
		m := safemode.New(simple(), safemode.OnChange(l.hear))
		toDegraded(t, m)
		toTry(t, m)
		begin(t, m)
		time.Sleep(time.Hour)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = m.Acquire(always)
			panic("the listener should have ended this goroutine")
		}()
		<-ended
		assert.Zero(t, m.Snapshot().Probing)
		release(t, m)
	})
	in(t, "the others are told all the same", func(t *testing.T) {
		var d diary
		m := safemode.New(safemode.OnChange(func(safemode.Change) { boom() }), safemode.OnChange(d.write))
		m.Listen(func(safemode.Change) { boom() })
		m.Listen(d.write)
		require.Panics(t, func() { m.Engage("a") })
		assert.Len(t, d.read(), 2)
	})
}

// When a mode may be forgotten.
func TestEvictable(t *testing.T) {
	in(t, "by hand", func(t *testing.T) {
		m := safemode.New()
		assert.True(t, m.Evictable(false))
		for _, level := range []safemode.Level{safemode.Normal, safemode.Degraded, safemode.Safe} {
			m.Hold(level, "")
			assert.False(t, m.Evictable(true), "%v", level)
			assert.False(t, m.For(safemode.Safe).Evictable(true))
		}
		m.Disengage()
		assert.True(t, m.For(safemode.Safe).Evictable(false))
	})
	in(t, "automatic", func(t *testing.T) {
		m := safemode.New(simple())
		assert.True(t, m.Evictable(false))
		toDegraded(t, m)
		assert.False(t, m.Evictable(false))
		assert.True(t, m.Evictable(true))
		toTry(t, m)
		begin(t, m)
		assert.False(t, m.Evictable(true), "a probe is out")
		time.Sleep(4 * second)
		assert.True(t, m.Evictable(true))
	})
}

// A snapshot has what there is to know, and counts go on.
func TestSnapshot(t *testing.T) {
	in(t, "by hand and automatic", func(t *testing.T) {
		m := safemode.New(safemode.Name("shop"), simple())
		start := time.Now()
		assert.Equal(t, safemode.Snapshot{Name: "shop", Since: start}, m.Snapshot())
		toDegraded(t, m)
		tries(m, 7, nil)
		time.Sleep(second)
		calls(t, m.For(safemode.Safe), 2, nil)
		assert.Equal(t, safemode.Snapshot{
			Name: "shop", Level: safemode.Degraded, Since: start.Add(10 * second), Cause: safemode.CauseFailureRate,
			Reason: "100 % of 91 calls in 10s failed, for 10s or longer", Counts: safemode.Counts{Calls: 2},
			NextTry: 29 * second, Refused: 7, Engaged: 1,
		}, m.Snapshot())
		m.Engage("test")
		assert.Equal(t, safemode.Snapshot{
			Name: "shop", Level: safemode.Safe, Since: start.Add(11 * second), Cause: safemode.CauseHeld, Held: true, Reason: "test",
			Refused: 7, Engaged: 1,
		}, m.Snapshot())
	})
	assert.Zero(t, safemode.Counts{}.FailureRate())
}
