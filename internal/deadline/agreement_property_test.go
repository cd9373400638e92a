package deadline_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/internal/deadline"
)

// answers are what a context says of its end.
type answers struct{ err, cause error }

func answersOf(ctx context.Context) answers {
	a := answers{ctx.Err(), context.Cause(ctx)}
	if late, ok := errors.AsType[errTooLate](a.cause); ok { // ours is made anew for each who asks
		a.cause = late
	}
	return a
}

// A twin is a context of ours beside one of the standard library's, with the same deadline and the same fate.
type twin struct {
	parent *twin // nil at the top
	ours   *deadline.Context
	theirs context.Context
	cancel context.CancelFunc
	after  time.Duration
	at     time.Time
	ended  time.Time // zero while it has not
	awake  bool      // it was asked for its channel while it was alive: from then on it must do whatever its twin does
	said   answers   // what it has said of its end, which must stay
}

func newTwin(ours, theirs context.Context, parent *twin, after time.Duration) *twin {
	w := &twin{parent: parent, after: after, at: time.Now().Add(after)}
	w.ours = deadline.New(ours, w.at, after, tooLate{})
	w.theirs, w.cancel = context.WithDeadlineCause(theirs, w.at, errTooLate{after, nil})
	return w
}

// wake says that somebody has asked for the channel, and with it for all its ancestors'.
func (w *twin) wake() {
	for ; w != nil; w = w.parent {
		w.awake = w.awake || w.theirs.Err() == nil
	}
}

// check asks every question, and compares.
func (w *twin) check(t *rapid.T, order []string) {
	var got answers
	for _, question := range order {
		switch question {
		case "Err":
			got.err = w.ours.Err()
		case "Cause":
			got.cause = answersOf(w.ours).cause
		case "Done":
			w.wake()
			assert.Equal(t, w.theirs.Err() != nil, isDone(w.ours))
		case "child":
			w.wake()
			child, cancel := context.WithCancel(context.WithValue(w.ours, key{}, "child's"))
			assert.Equal(t, answersOf(w.ours), answersOf(child))
			cancel()
		case "Value":
			assert.Equal(t, "parent's", w.ours.Value(key{}))
		}
	}
	at, ok := w.ours.Deadline()
	assert.True(t, ok && at.Equal(w.at))
	got = answersOf(w.ours) // whatever the order was, the answers agree now
	switch {
	case w.awake:
		assert.Equal(t, answersOf(w.theirs), got)
	case w.said.err != nil:
		assert.Equal(t, w.said, got)
	default:
		assert.Contains(t, w.possible(), got)
	}
	w.said = got
}

// possible returns what one may say that nobody had asked until now: it knows what has happened, and not in which order.
func (w *twin) possible() (all []answers) {
	if parent := w.ourParent(); parent.Err() != nil {
		all = append(all, answersOf(parent))
	}
	if now := time.Now(); !now.Before(w.at) && (w.ended.IsZero() || !w.ended.Before(w.at)) {
		all = append(all, answers{context.DeadlineExceeded, errTooLate{w.after, nil}})
	}
	if !w.ended.IsZero() {
		all = append(all, answers{context.Canceled, context.Canceled})
	}
	if all == nil {
		all = []answers{{}}
	}
	return all
}

func (w *twin) ourParent() context.Context {
	if w.parent == nil {
		return w.theirs.Value(parentKey{}).(context.Context) //nolint:errcheck,forcetypeassert // set below
	}
	return w.parent.ours
}

type parentKey struct{}

func (w *twin) end() {
	if w.ended.IsZero() {
		w.ended = time.Now()
		w.ours.End()
		w.cancel()
	}
}

// In whatever order and at whatever time one asks: all answers agree with each other and never change; and from the moment that somebody
// waits, they are those of a context of the standard library.
func TestAgreement(t *testing.T) {
	questions := []string{"Err", "Done", "Cause", "child", "Value"}
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			seconds := func(high int, what string) time.Duration {
				return time.Duration(rapid.IntRange(0, high).Draw(t, what)) * time.Second
			}
			parent, cancel := context.WithCancelCause(context.WithValue(context.Background(), key{}, "parent's"))
			defer cancel(nil)
			parent = context.WithValue(parent, parentKey{}, parent)

			after := seconds(20, "outer")
			outer := newTwin(parent, parent, nil, after)
			inner := newTwin(outer.ours, outer.theirs, outer, min(after, seconds(20, "inner")))
			defer outer.end()
			defer inner.end()
			steps := []string{"ask outer", "ask inner", "wait", "wait", "cancel", "end inner", "end outer"}
			for range rapid.IntRange(1, 20).Draw(t, "steps") {
				switch rapid.SampledFrom(steps).Draw(t, "step") {
				case "wait":
					time.Sleep(seconds(7, "for"))
					synctest.Wait() // timers of this moment have fired
				case "cancel":
					cancel(errGone)
				case "end inner":
					inner.end()
				case "end outer": // as the driver does: from the inside out
					inner.end()
					outer.end()
				case "ask inner":
					inner.check(t, some(t, questions))
				case "ask outer":
					outer.check(t, some(t, questions))
				}
			}
		})
	})
}

// some returns some of a list in any order.
func some(t *rapid.T, list []string) []string {
	list = rapid.Permutation(slices.Clone(list)).Draw(t, "questions")
	return list[:rapid.IntRange(0, len(list)).Draw(t, "how many")]
}
