package ductile_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// What comes after a race is over: answers and panics that nobody waits for any more, and the user's code that panics about them.

// While the hedger still thinks about one answer another wins. The first is then discarded like that of any loser, and nobody is told of it.
func TestAnAnswerThatIsStillThoughtAbout(t *testing.T) {
	for slow, want := range map[int]int{1: 2, 2: 1} { // whose answer is thought about, and whose wins
		inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
			var told []ductile.Contained
			var w hearing
			answers := map[int]error{slow: fault.Permanent(errSlow), want: nil}
			h := &copies{wait: 10 * ms, most: 2, muse: func(err error) {
				if fault.Of(err) == fault.ClassPermanent {
					time.Sleep(20 * ms)
				}
			}}
			y := &play{
				p:     ductile.NewConcurrent("test", h).With(&w, listening{contained: func(e ductile.Contained) { told = append(told, e) }}),
				steps: []step{{takes: 20 * ms, err: answers[1]}, {takes: 10 * ms, err: answers[2]}},
			}
			got, err := y.do(t.Context(), options...)
			require.NoError(t, err)
			assert.Equal(t, want, got)
			time.Sleep(time.Second)
			synctest.Wait()
			assert.Equal(t, []int{slow}, y.gone())
			assert.Equal(t, []ductile.HedgeWon{{Policy: "copies", Attempt: 1, Copy: want}}, w.won)
			assert.Empty(t, told)
		})
	}
}

// A watch that panics when it is told of a contained panic is not heard: there is nobody left to tell, and the program goes on.
func TestAWatchThatPanicsOverAContainedPanic(t *testing.T) {
	told := 0
	w := listening{contained: func(ductile.Contained) { told++; panic("told") }}
	t.Run("of a loser", func(t *testing.T) {
		inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
			told = 0
			y := &play{
				p:     ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}).With(w),
				steps: []step{{takes: 12 * ms}, {takes: time.Hour, deaf: true, then: func() { panic("boom") }}},
			}
			_, err := y.do(t.Context(), options...)
			require.NoError(t, err)
			time.Sleep(2 * time.Hour)
			synctest.Wait()
			assert.Equal(t, 1, told)
		})
	})
	t.Run("that gives way to the caller's", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			told = 0
			y := &play{
				p: ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 2}).With(w),
				steps: []step{
					{takes: 20 * ms, deaf: true, then: func() { panic("mine") }},
					{takes: 5 * ms, then: func() { panic("boom") }},
				},
			}
			panicked, _ := contained(func() { _, _ = y.do(t.Context()) })
			assert.Equal(t, "mine", panicked)
			assert.Equal(t, 1, told)
		})
	})
}

// The caller panics, and so does the function of Discard each time: everything is offered to it all the same, and a panic that gives way to
// the caller's is told of.
func TestDiscardPanicsWhileTheCallerDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var gone []int
		var told []ductile.Contained
		p := ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: 5}).
			With(listening{contained: func(e ductile.Contained) { told = append(told, e) }})
		panicked, returned := contained(func() {
			_, _ = ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
				switch _, n := p.Attempt(ctx); n {
				case 1:
					<-ctx.Done()
					panic("mine")
				case 5:
					panic("boom")
				default:
					return n, errDown
				}
			}, ductile.Discard(func(n int) {
				mu.Lock()
				defer mu.Unlock()
				gone = append(gone, n)
				panic(n)
			}))
		})
		assert.False(t, returned)
		assert.NotNil(t, panicked)
		assert.ElementsMatch(t, []int{2, 3, 4}, gone)
		require.Len(t, told, 1)
		assert.Equal(t, "boom", told[0].Panic.Value)
	})
}

// Where the function of Discard panics while the call returns, the winner's value, which nobody gets then, is offered to it like all others.
func TestDiscardPanicsWhileTheCallReturns(t *testing.T) {
	for _, winner := range []int{2, 4} {
		inBothWays(t, func(t *testing.T, options ...ductile.Option[int]) {
			var gone []int
			p := ductile.NewConcurrent("test", &copies{wait: 10 * ms, most: winner})
			panicked, _ := contained(func() {
				_, _ = ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
					_, n := p.Attempt(ctx)
					if n < winner {
						return n, errDown
					}
					return n, nil
				}, append(options, ductile.Discard(func(n int) {
					gone = append(gone, n)
					panic(n)
				}))...)
			})
			assert.NotNil(t, panicked)
			slices.Sort(gone)
			assert.Equal(t, []int{1, 2, 3, 4}[:winner], gone)
		})
	}
}
