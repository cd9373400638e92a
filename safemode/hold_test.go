package safemode_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
)

// What each level does with each piece of work, as a call and as a question.
func TestLevels(t *testing.T) {
	for _, level := range []safemode.Level{safemode.Normal, safemode.Degraded, safemode.Safe} {
		in(t, level.String(), func(t *testing.T) {
			m := safemode.New()
			m.Hold(level, "test")
			assert.Equal(t, level, m.Level())
			for _, lowest := range []safemode.Level{safemode.Normal, safemode.Degraded, safemode.Safe} {
				goes := level <= lowest
				assert.Equal(t, goes, m.Allows(lowest), "%v", lowest)
				g := m.For(lowest)
				assert.Same(t, m, g.Mode())
				assert.Equal(t, lowest, g.Lowest())
				assert.Same(t, g, m.For(lowest), "one for all who ask")
				assert.Equal(t, m.Name(), g.Name())
				if goes {
					calls(t, g, 10, errDown)
				} else {
					assert.Equal(t, level, refused(t, g).Level)
				}
			}
			if level == safemode.Normal {
				calls(t, m, 10, nil)
			} else {
				_ = refused(t, m)
			}
		})
	}
}

// A person's word holds until the next one.
func TestByHand(t *testing.T) {
	in(t, "engage and disengage", func(t *testing.T) {
		var d diary
		m := safemode.New(safemode.Name("inventory"), safemode.OnChange(d.write))
		start := time.Now()
		time.Sleep(second)
		m.Engage("disk is full")
		e := refused(t, m)
		assert.Equal(t, safemode.EngagedError{Name: "inventory", Level: safemode.Safe, Since: start.Add(second), Held: true, Reason: "disk is full"}, *e)
		time.Sleep(time.Hour)
		assert.Same(t, e, refused(t, m))
		m.Disengage()
		calls(t, m, 10, errDown)
		assert.Equal(t, []safemode.Change{
			{
				Name: "inventory", From: safemode.Normal, To: safemode.Safe, Cause: safemode.CauseHeld, Held: true, Reason: "disk is full",
				At: start.Add(second),
			},
			{Name: "inventory", From: safemode.Safe, To: safemode.Normal, Cause: safemode.CauseDisengaged, At: start.Add(time.Hour + second)},
		}, d.read())
	})
	in(t, "saying it again changes nothing", func(t *testing.T) {
		var d diary
		m := safemode.New(safemode.OnChange(d.write))
		m.Disengage()
		assert.Empty(t, d.read())
		m.Engage("a")
		since := m.Snapshot().Since
		time.Sleep(second)
		m.Engage("a")
		m.Engage("  a\n")
		assert.Len(t, d.read(), 1)
		assert.Equal(t, since, m.Snapshot().Since)
		m.Engage("b")
		m.Hold(safemode.Degraded, "b")
		m.Hold(safemode.Normal, "b")
		m.Disengage()
		m.Disengage()
		var to []safemode.Level
		for _, c := range d.read() {
			to = append(to, c.To)
		}
		assert.Equal(t, []safemode.Level{safemode.Safe, safemode.Safe, safemode.Degraded, safemode.Normal, safemode.Normal}, to)
		assert.Equal(t, uint64(1), m.Snapshot().Engaged)
	})
}

// It beats the automatic in both directions.
func TestAPersonsWordBeatsTheAutomatic(t *testing.T) {
	in(t, "engaged, though all is well", func(t *testing.T) {
		m := safemode.New(simple())
		m.Hold(safemode.Degraded, "test")
		for range 1000 {
			_ = refused(t, m)
			calls(t, m.For(safemode.Safe), 10, nil)
			time.Sleep(second)
		}
		assert.Zero(t, m.Snapshot().NextTry)
	})
	in(t, "held, though all is bad", func(t *testing.T) {
		m := safemode.New(simple())
		m.Hold(safemode.Normal, "test")
		for range 100 {
			calls(t, m, 10, errDown)
			time.Sleep(second)
		}
		assert.Equal(t, safemode.Normal, m.Level())
		assert.True(t, m.Snapshot().Held)
		assert.Zero(t, m.Snapshot().Counts)
	})
	in(t, "degraded, and does not go further", func(t *testing.T) {
		m := safemode.New(simple())
		m.Hold(safemode.Degraded, "test")
		for range 100 {
			calls(t, m.For(safemode.Degraded), 10, errDown)
			time.Sleep(second)
		}
		assert.Equal(t, safemode.Degraded, m.Level())
	})
	in(t, "disengaged, though the automatic engaged: with fresh evidence", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		m.Disengage()
		assert.Zero(t, m.Snapshot().Counts)
		calls(t, m, 1000, errDown)
		assert.Equal(t, safemode.Normal, m.Level(), "it has to stay bad all over")
		m.Disengage() // nobody holds it: nothing changes
		assert.Equal(t, uint64(1000), m.Snapshot().Counts.Failures)
		time.Sleep(second)
		fails(t, m, m)
		assert.Equal(t, 30*second, m.Snapshot().NextTry, "nor does it remember that it was engaged before")
	})
	in(t, "after a hold, with fresh evidence", func(t *testing.T) {
		m := safemode.New(simple())
		calls(t, m, 1000, errDown)
		m.Hold(safemode.Normal, "test")
		m.Disengage()
		assert.Zero(t, m.Snapshot().Counts)
		toDegraded(t, m)
		m.Engage("test")
		m.Disengage()
		assert.Equal(t, safemode.Normal, m.Level())
		fails(t, m, m)
		assert.Equal(t, 30*second, m.Snapshot().NextTry)
	})
}

// What a refusal says, at each moment.
func TestRefusals(t *testing.T) {
	in(t, "by hand", func(t *testing.T) {
		m := safemode.New(safemode.Name("inventory"))
		m.Engage("disk is full")
		err := refused(t, m)
		require.EqualError(t, err, "inventory is in safe mode since 2000-01-01T00:00:00Z, by hand: disk is full")
		m.Hold(safemode.Degraded, "")
		require.EqualError(t, refused(t, m), "inventory is degraded since 2000-01-01T00:00:00Z, by hand")
		require.ErrorIs(t, err, safemode.ErrSafeMode)
		require.ErrorIs(t, err, fault.ErrRejected)
		require.NotErrorIs(t, err, errDown)
		assert.Equal(t, fault.ClassRejected, fault.Of(err))
		assert.False(t, err.Timeout())
		_, known := fault.RetryAfter(err)
		assert.False(t, known, "that is for the person to say")
	})
	in(t, "automatic", func(t *testing.T) {
		m := safemode.New(simple())
		toDegraded(t, m)
		err := refused(t, m)
		require.EqualError(t, err, "safemode is degraded since 2000-01-01T00:00:10Z: 100 % of 91 calls in 10s failed, for 10s or longer")
		time.Sleep(second)
		after, known := fault.RetryAfter(err)
		assert.True(t, known)
		assert.Equal(t, 29*second, after)
		time.Sleep(29 * second)
		_, known = fault.RetryAfter(err)
		assert.False(t, known, "it tries")
		begin(t, m)
		begin(t, m)
		assert.Same(t, err, refused(t, m), "all probes are out")
		time.Sleep(5 * second)
		_ = refused(t, m)
		toTry(t, m)
		toStep(t, m)
		var step error
		for step == nil {
			_, step = m.Acquire(always)
		}
		require.EqualError(t, step, err.Error()+"; 50 % of the calls go to see whether it can end")
		_, known = fault.RetryAfter(step)
		assert.False(t, known)
	})
}

// A reason is fit for a line of log, and bounded.
func TestReasons(t *testing.T) {
	long := strings.Repeat("ä", 1<<20)
	for given, kept := range map[string]string{
		"":                              "",
		"disk is full":                  "disk is full",
		" a\nb\tc\x1b[31m\x00\u200b\n ": "a b c[31m",
		"\xff\xfea":                     "a",
		strings.Repeat("x", 200):        strings.Repeat("x", 200),
		strings.Repeat("x", 201):        strings.Repeat("x", 197) + "…",
		long:                            strings.Repeat("ä", 98) + "…",
	} {
		m := safemode.New()
		m.Engage(given)
		reason := m.Snapshot().Reason
		assert.Equal(t, kept, reason)
		assert.True(t, utf8.ValidString(reason))
		assert.LessOrEqual(t, len(reason), 200)
	}
}

// A level that there is not.
func TestNoSuchLevel(t *testing.T) {
	m := safemode.New()
	none := safemode.Level(3)
	assert.PanicsWithError(t, "safemode: Hold(3): must be Normal, Degraded or Safe", func() { m.Hold(none, "") })
	assert.PanicsWithError(t, "safemode: For(3): must be Normal, Degraded or Safe", func() { m.For(none) })
	assert.Equal(t, "unknown", none.String())
	assert.Equal(t, "unknown", safemode.Cause(99).String())
	assert.Equal(t, "by hand", safemode.CauseHeld.String())
}
