package deadline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/deadline"
)

// race calls functions at one moment, each on a goroutine of its own, and waits for them.
func race(functions ...func()) {
	var ready, done sync.WaitGroup
	begin := make(chan struct{})
	for _, f := range functions {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-begin
			f()
		})
	}
	ready.Wait()
	close(begin)
	done.Wait()
}

// The end of a call meets the first question about its context. Whichever comes first, the context is canceled for whoever holds it
// afterwards, and whoever waited is woken: nobody waits for the hour that it would have had.
func TestStressTheEndMeetsTheFirstQuestion(t *testing.T) {
	for range 2000 {
		parent, cancel := context.WithCancel(context.Background())
		ctx := within(parent, time.Hour)
		race(
			ctx.End,
			func() { <-ctx.Done() },
			func() {
				child, cancel := context.WithCancel(ctx)
				defer cancel()
				<-child.Done()
			},
			func() {
				for ctx.Err() == nil {
					runtime.Gosched()
				}
			},
			func() { _, _ = context.Cause(ctx), ctx.Value(key{}) },
		)
		assert.Equal(t, context.Canceled, ctx.Err())
		assert.Equal(t, context.Canceled, context.Cause(ctx))
		cancel()
	}
}

// The end of a call meets whoever wants to keep its context. Either it was kept, and then it lives until it is released, or it was too
// late, and then it is dead at once: nothing in between. (There was, while Retain held the inner one first: the outer one could still
// end before it was held, and take along what had looked kept.)
func TestStressTheEndMeetsRetain(t *testing.T) {
	for i := range 5000 {
		outer := within(context.Background(), 2*time.Hour)
		inner := within(outer, time.Hour)
		if i%4 > 0 {
			inner.Done() // who is asked for the first time may find out more than who knows
		}
		keep := func() {
			release := deadline.Retain(inner)
			alive := inner.Err() == nil
			for range 3 {
				if alive {
					assert.NoError(t, inner.Err())
					assert.NoError(t, outer.Err(), "what keeps the inner keeps the outer")
					assert.False(t, isDone(inner))
				} else {
					assert.True(t, isDone(inner))
				}
			}
			race(release, release)
		}
		race(func() { inner.End(); outer.End() }, keep, keep, keep)
		assert.True(t, isDone(inner))
		assert.True(t, isDone(outer))
	}
}

// Everybody at once, on one context: questions, children, holders, the parent's end and its own.
func TestStressEverythingAtOnce(t *testing.T) {
	for range 200 {
		parent, cancel := context.WithCancelCause(context.Background())
		ctx := within(within(parent, 2*time.Hour), time.Hour)
		var all []func()
		for range 30 {
			all = append(all, []func(){
				func() { ctx.Done() },
				func() { _ = ctx.Err() },
				func() { _ = context.Cause(ctx) },
				func() { ctx.Expired() },
				func() { ctx.Deadline() },
				func() { ctx.Value(key{}) },
				func() { deadline.Retain(ctx)() },
				func() { context.AfterFunc(ctx, func() {})() },
				func() {
					child := within(context.WithValue(ctx, key{}, 1), time.Minute)
					defer child.End()
					grandchild, cancel := context.WithTimeout(child, time.Second)
					defer cancel()
					_ = grandchild.Err()
				},
			}[rand.IntN(9)])
		}
		all = append(all, ctx.End, func() { cancel(errGone) })
		race(all...)
		assert.True(t, isDone(ctx))
		assert.Equal(t, context.Canceled, ctx.Err())
		assert.Contains(t, []error{errGone, context.Canceled}, context.Cause(ctx))
	}
	assert.Zero(t, watchers())
}

// Whoever first asked the context of a call that had ended made it, and then canceled it. In between it looked alive: to others who
// asked at that moment, and to a Retain that came too late to keep it.
func TestStressBugAnEndedContextLivedForAnInstant(t *testing.T) {
	for range 5000 {
		ctx := within(context.Background(), time.Hour)
		ctx.End()
		ask := func() { assert.Equal(t, context.Canceled, ctx.Err()) }
		race(ask, ask, ask, ask)
	}
}

// Whoever printed a context, as loggers and mocks do with every argument they get, read its fields one by one, while another goroutine
// may have been setting them: a data race in a program that had done nothing wrong. The contexts of the standard library print
// themselves for the same reason.
func TestStressBugPrintingAContextWasARace(t *testing.T) {
	for range 200 {
		ctx := within(context.Background(), time.Hour)
		race(
			func() { ctx.Done() },
			func() { assert.Contains(t, fmt.Sprint(ctx), "WithTimeout") },
			ctx.End,
		)
	}
}
