package ratelimit_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/ratelimit"
)

// anOption draws an option that an Update takes, or one that makes no sense.
func anOption(t *rapid.T, sense bool) ratelimit.Option {
	if !sense {
		return rapid.SampledFrom([]ratelimit.Option{
			nil, ratelimit.Limit(0), ratelimit.Limit(rate.Limit(math.NaN())), ratelimit.Burst(0), ratelimit.Wait(-1), ratelimit.Name(""),
		}).Draw(t, "nonsense")
	}
	switch rapid.IntRange(0, 5).Draw(t, "option") {
	case 0:
		return ratelimit.Limit(rapid.SampledFrom([]rate.Limit{1e-9, 0.5, 1, 2, 1000, rate.Inf}).Draw(t, "limit"))
	case 1:
		return ratelimit.Burst(rapid.IntRange(1, 9).Draw(t, "burst"))
	case 2:
		return ratelimit.Wait(time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "wait")))
	case 3:
		return ratelimit.NoWait()
	default:
		return ratelimit.Name("stock")
	}
}

// An Update is as if New had been given its options too, after all that came before; one that is refused is as if it had not been.
func TestUpdateIsNewWithMoreOptions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := func(what string) (list []ratelimit.Option) {
			for range rapid.IntRange(0, 4).Draw(t, what) {
				list = append(list, anOption(t, true))
			}
			return list
		}
		all := append([]ratelimit.Option{ratelimit.Name("stock")}, options("options")...)
		l := ratelimit.New(7, 3, all...)
		for range rapid.IntRange(1, 5).Draw(t, "updates") {
			more := options("more")
			if rapid.Bool().Draw(t, "is nonsense") {
				more = append(more, anOption(t, false))
				more = append(more, options("and more")...)
				require.EqualError(t, l.Update(more...), ratelimit.Validate(7, 3, more...).Error())
			} else {
				require.NoError(t, l.Update(more...))
				all = append(all, more...)
			}
			want := ratelimit.New(7, 3, all...)
			require.Equal(t, want.String(), l.String())
			require.Equal(t, want.Name(), l.Name())
			_, wait := want.Worst()
			_, is := l.Worst()
			require.Equal(t, wait, is)
			s, ws := l.Snapshot(), want.Snapshot()
			require.Equal(t, []any{ws.Limit, ws.Burst}, []any{s.Limit, s.Burst})
		}
	})
}

// Whatever is tuned and whoever comes and leaves, at any time: who waits goes at the time that was promised; tokens are taken by calls that
// are let through and earned by the limit of the time, up to the burst of the time; and who leaves makes room for one at most.
func TestTokensAndTurnsThroughUpdates(t *testing.T) {
	const grain = time.Second / 64
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			type end struct {
				at  time.Duration
				err error
			}
			type waiter struct {
				turn   time.Duration // or the latest that it may be, where it was another's
				others bool
				leave  context.CancelFunc
				done   chan end
			}
			var (
				start   = time.Now()
				now     = func() time.Duration { return time.Since(start) }
				limit   = rate.Limit(1)
				burst   = rapid.IntRange(1, 4).Draw(t, "burst")
				wait    = time.Hour
				l       = ratelimit.New(limit, burst, ratelimit.Wait(wait))
				tokens  = float64(burst) // of the model
				since   time.Duration    // when there were so many
				waiters []waiter
				left    int // turns that were given up and did not go back into the bucket
				refused uint64
			)
			earn := func() {
				tokens = min(tokens+(now()-since).Seconds()*float64(limit), float64(burst))
				since = now()
			}
			come := func(t *rapid.T) {
				earn()
				ctx, leave := context.WithCancel(t.Context())
				done := make(chan end, 1)
				go func() {
					_, err := l.Acquire(ctx)
					done <- end{now(), err}
				}()
				synctest.Wait()
				needs := time.Duration(math.Round((1 - tokens) / float64(limit) * float64(time.Second)))
				is := l.Snapshot().Tokens
				switch took := tokens - is; {
				case len(done) == 0 && took > 0.5: // it waits for a token of its own
					require.LessOrEqual(t, needs, wait)
					waiters = append(waiters, waiter{now() + needs, false, leave, done})
				case len(done) == 0: // it has a turn that somebody gave up: no later than its own would have been
					require.Positive(t, left)
					left--
					waiters = append(waiters, waiter{now() + needs, true, leave, done})
				default:
					defer leave()
					switch why := reason((<-done).err); {
					case why == 0 && took < 0.5: // a turn that was given up, and is now
						require.Positive(t, left)
						left--
					case why == 0:
						require.LessOrEqual(t, needs, time.Duration(1))
					case wait == 0:
						require.Equal(t, ratelimit.ReasonNoToken, why)
						require.Positive(t, needs)
						refused++
					default:
						require.Equal(t, ratelimit.ReasonLongWait, why)
						require.Greater(t, needs, wait)
						refused++
					}
				}
				tokens = is
			}
			// ended takes those off whose turn it was.
			ended := func() {
				waiters = slices.DeleteFunc(waiters, func(w waiter) bool {
					if len(w.done) == 0 {
						require.Less(t, now(), w.turn+2)
						return false
					}
					e := <-w.done
					require.NoError(t, e.err)
					if w.others {
						require.LessOrEqual(t, e.at, w.turn+1)
					} else {
						require.InDelta(t, w.turn, e.at, 1)
					}
					w.leave()
					return true
				})
			}
			t.Repeat(map[string]func(*rapid.T){
				"come": come, "come too": come, "and come": come,
				"leave": func(t *rapid.T) {
					if len(waiters) == 0 {
						t.Skip("nobody waits")
					}
					earn()
					i := rapid.IntRange(0, len(waiters)-1).Draw(t, "who")
					w := waiters[i]
					waiters = slices.Delete(waiters, i, i+1)
					w.leave()
					require.Equal(t, ratelimit.ReasonCanceled, reason((<-w.done).err))
					left++
					refused++
					is := l.Snapshot().Tokens
					back := is - tokens
					require.GreaterOrEqual(t, back, -1e-6)
					require.LessOrEqual(t, back, float64(left)+1e-6, "more went back than was taken")
					tokens = is
					left -= int(math.Floor(back + 1e-6))
				},
				"tune": func(t *rapid.T) {
					earn()
					var options []ratelimit.Option
					if rapid.Bool().Draw(t, "tune the limit") {
						limit = rapid.SampledFrom([]rate.Limit{0.5, 1, 2, 4, 64}).Draw(t, "limit")
						options = append(options, ratelimit.Limit(limit))
					}
					if rapid.Bool().Draw(t, "tune the burst") {
						burst = rapid.IntRange(1, 4).Draw(t, "burst")
						options = append(options, ratelimit.Burst(burst))
					}
					switch rapid.IntRange(0, 5).Draw(t, "tune the wait") {
					case 0:
						wait = 0
						options = append(options, ratelimit.NoWait())
					case 1, 2:
						wait = grain * time.Duration(rapid.IntRange(1, 1000).Draw(t, "wait"))
						options = append(options, ratelimit.Wait(wait))
					default:
					}
					before := l.Snapshot()
					require.Error(t, l.Update(append(slices.Clone(options), anOption(t, false))...))
					require.Equal(t, before, l.Snapshot())
					require.NoError(t, l.Update(options...))
					earn()
				},
				"time passes": func(t *rapid.T) {
					for range rapid.IntRange(1, 200).Draw(t, "grains") {
						time.Sleep(grain)
						synctest.Wait()
						ended()
					}
				},
				"": func(t *rapid.T) {
					earn()
					s := l.Snapshot()
					require.Equal(t, []any{limit, burst, len(waiters), refused}, []any{s.Limit, s.Burst, s.Waiting, s.Refused})
					require.InDelta(t, tokens, s.Tokens, 1e-6)
				},
			})
			for _, w := range waiters {
				w.leave()
				require.Equal(t, ratelimit.ReasonCanceled, reason((<-w.done).err))
			}
		})
	})
}
