package ductile_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
)

// When a further copy starts, and when it must not.

// overdrawn is a context that has not ended, though its deadline has passed: its timer is late.
type overdrawn struct {
	context.Context
	deadline time.Time
}

func (c overdrawn) Deadline() (time.Time, bool) { return c.deadline, true }

// Nothing starts, and no budget is asked, for a caller who has left, or whose deadline has passed though nobody has noticed yet.
func TestNoCopyForACallerWhoLeft(t *testing.T) {
	canceled := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(5*ms, cancel)
		return ctx
	}
	late := func(ctx context.Context) context.Context { return overdrawn{ctx, time.Now().Add(15 * ms)} }
	for _, test := range []struct {
		name  string
		leave func(context.Context) context.Context
		wait  time.Duration
		err   error
	}{
		{"canceled, and a copy is due", canceled, 10 * ms, nil},
		{"canceled, and the copy fails", canceled, time.Hour, errSlow},
		{"late, and the copy fails", late, 30 * ms, errSlow},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &copies{wait: test.wait, most: 2}
				y := &play{p: ductile.NewConcurrent("test", h), steps: []step{{takes: 20 * ms, deaf: true, err: test.err}, {}}}
				got, err := y.do(test.leave(t.Context()))
				require.ErrorIs(t, err, test.err)
				assert.Equal(t, 1, got)
				assert.Empty(t, h.asked)
			})
		})
	}
}

// A copy that replaces a failed one sets the wait for the next anew, also where that was just over.
func TestTheWaitBeginsAnewWithEachCopy(t *testing.T) {
	for range 100 { // who is first at the same moment is not said
		synctest.Test(t, func(t *testing.T) {
			var w hearing
			y := &play{
				p:     ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 3}).With(&w),
				steps: []step{{takes: 10 * ms, err: errSlow}, {takes: 25 * ms}, {takes: 25 * ms}},
			}
			_, err := y.do(t.Context())
			require.NoError(t, err)
			synctest.Wait()
			require.Len(t, w.started, 2)
			slices.SortFunc(w.started, func(a, b ductile.HedgeStarted) int { return a.Copy - b.Copy })
			before := time.Duration(0)
			for _, started := range w.started {
				if started.Cause == nil {
					require.GreaterOrEqual(t, started.After-before, 10*ms)
				}
				before = started.After
			}
		})
	}
}

// A hurried context tells those who wait for it that it has ended, and its children a moment later: what package context does in one go, in
// this order.
type hurried struct{ context.Context }

func (c hurried) Value(any) any { return nil } // so that nobody finds the context within

func (c hurried) AfterFunc(f func()) (stop func() bool) {
	return context.AfterFunc(c.Context, func() { time.AfterFunc(ms, f) })
}

// A copy that still runs when the caller leaves hears why from its own context's parent, and not that it was canceled.
func TestCopiesHearWhyTheCallerLeft(t *testing.T) {
	for name, first := range map[string]step{
		"a copy ends":       {takes: 50*ms + ms/2, deaf: true, err: errSlow},
		"the caller leaves": {takes: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				y := &play{p: ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}), steps: []step{first, {takes: time.Hour}}}
				ctx, cancel := context.WithTimeout(t.Context(), 50*ms)
				defer cancel()
				var options []ductile.Option[int]
				if !first.deaf {
					options = append(options, ductile.Async[int])
				}
				_, err := y.do(hurried{ctx}, options...)
				require.Error(t, err)
				time.Sleep(time.Second)
				synctest.Wait()
				assert.Equal(t, context.DeadlineExceeded, y.ended[2])
			})
		})
	}
}
