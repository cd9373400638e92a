package ratelimit_test

import (
	"context"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
)

// model is what a limiter does, in whole numbers: the next token, promised in turn, comes a tick after the one before, and may come up
// to burst-1 ticks early. What it needs x/time/rate for is left to x/time/rate.
type model struct {
	tick, full time.Duration // full: when the bucket will be
	burst      int
	wait       time.Duration
	promised   []time.Duration // what cannot be taken back any more but from behind
	left       []time.Duration // turns given up before the last
}

// call returns the turn of a call that comes now, with so much time, or why it has none.
func (m *model) call(now, most time.Duration) (time.Duration, ratelimit.Reason) {
	m.full = max(m.full, now)
	turn := max(m.full-time.Duration(m.burst-1)*m.tick, now)
	i := slices.IndexFunc(m.left, func(left time.Duration) bool { return turn > now && left >= now })
	if i >= 0 {
		turn = m.left[i]
	}
	switch wait := turn - now; {
	case wait > 0 && m.wait == 0:
		return 0, ratelimit.ReasonNoToken
	case wait > m.wait:
		return 0, ratelimit.ReasonLongWait
	case wait > 0 && most > 0 && wait >= most:
		return 0, ratelimit.ReasonDeadline
	}
	if i >= 0 {
		m.left = slices.Delete(m.left, 0, i+1)
		return turn, 0
	}
	m.full += m.tick
	m.promised = append(m.promised, turn)
	return turn, 0
}

// leave gives up a turn that has not come. Those that have, with nobody there, are lost.
func (m *model) leave(now, turn time.Duration) {
	m.left = slices.DeleteFunc(m.left, func(left time.Duration) bool { return left < now })
	m.left = append(m.left, turn)
	slices.Sort(m.left)
	for n := len(m.left); n > 0 && m.left[n-1] == m.promised[len(m.promised)-1]; n-- {
		m.left, m.promised = m.left[:n-1], m.promised[:len(m.promised)-1]
		m.full -= m.tick
	}
}

// Whatever comes, in whatever order, whoever leaves, the limiter does what the model does. All times are multiples of a 64th of a second,
// which floating-point numbers have exactly.
func TestLimiterIsTheModel(t *testing.T) {
	const grain = time.Second / 64
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			limit := rapid.SampledFrom([]rate.Limit{0.5, 1, 2, 4, 8}).Draw(t, "limit")
			m := model{
				tick:  time.Duration(float64(time.Second) / float64(limit)),
				burst: rapid.IntRange(1, 4).Draw(t, "burst"),
				wait:  grain * time.Duration(rapid.IntRange(0, 6*int(64/limit)).Draw(t, "wait")),
			}
			var options []ratelimit.Option
			if m.wait > 0 {
				options = append(options, ratelimit.Wait(m.wait))
			}
			l := ratelimit.New(limit, m.burst, options...)

			type waiter struct {
				turn  time.Duration
				leave context.CancelFunc
				done  chan error
			}
			var (
				start   = time.Now()
				now     = func() time.Duration { return time.Since(start) }
				waiters []waiter
				refused uint64
			)
			come := func(t *rapid.T) {
				ctx, cancel := context.WithCancel(t.Context())
				most := grain * time.Duration(rapid.IntRange(-100, 3*int(64/limit)).Draw(t, "until the deadline"))
				if most > 0 {
					var stop context.CancelFunc
					ctx, stop = context.WithTimeout(ctx, most)
					before := cancel
					cancel = func() { before(); stop() }
				}
				turn, why := m.call(now(), most)
				done := make(chan error, 1)
				go func() {
					_, err := l.Acquire(ctx)
					done <- err
				}()
				synctest.Wait()
				if why == 0 && turn > now() {
					require.Empty(t, done, "it waits for %v", turn)
					waiters = append(waiters, waiter{turn, cancel, done})
					return
				}
				defer cancel()
				if why != 0 {
					refused++
				}
				require.Len(t, done, 1, "it does not wait")
				require.Equal(t, why, reason(<-done))
			}
			pass := func(t *rapid.T) {
				until := now() + grain*time.Duration(rapid.IntRange(1, 3*int(64/limit)).Draw(t, "time"))
				for {
					next := until
					for _, w := range waiters {
						next = min(next, w.turn)
					}
					time.Sleep(next - now())
					synctest.Wait()
					waiters = slices.DeleteFunc(waiters, func(w waiter) bool {
						if w.turn > now() {
							require.Empty(t, w.done, "not before %v", w.turn)
							return false
						}
						require.Len(t, w.done, 1, "at %v", w.turn)
						require.NoError(t, <-w.done)
						w.leave()
						return true
					})
					if next == until {
						return
					}
				}
			}
			t.Repeat(map[string]func(*rapid.T){
				"a call":       come,
				"another call": come,
				"one more":     come,
				"time passes":  pass,
				"one leaves": func(t *rapid.T) {
					if len(waiters) == 0 {
						t.Skip("nobody waits")
					}
					i := rapid.IntRange(0, len(waiters)-1).Draw(t, "who")
					w := waiters[i]
					waiters = slices.Delete(waiters, i, i+1)
					w.leave()
					synctest.Wait()
					m.leave(now(), w.turn)
					refused++
					require.Len(t, w.done, 1)
					require.Equal(t, ratelimit.ReasonCanceled, reason(<-w.done))
				},
				"": func(t *rapid.T) {
					s := l.Snapshot()
					require.Equal(t, len(waiters), s.Waiting)
					require.Equal(t, refused, s.Refused)
					require.InDelta(t, float64(m.burst)-float64(max(m.full-now(), 0))/float64(m.tick), s.Tokens, 1e-9)
				},
			})
			for _, w := range waiters {
				w.leave()
				require.Equal(t, ratelimit.ReasonCanceled, reason(<-w.done))
			}
		})
	})
}

// anyRate draws a limit from one call in a month to a billion a second.
func anyRate(t *rapid.T) rate.Limit {
	return rate.Limit(math.Pow(10, rapid.Float64Range(-6.4, 9).Draw(t, "log limit")))
}

// within checks that in no stretch of time more calls began than a burst and what was earned meanwhile. slack is what the library's
// arithmetic is off by, in nanoseconds.
func within(t assert.TestingT, times []time.Duration, limit rate.Limit, burst int, slack float64) {
	slices.Sort(times)
	before := math.Inf(1) // the least, over all calls, of the calls before it less what was earned by then
	for n, at := range times {
		earned := float64(limit) * at.Seconds()
		before = min(before, float64(n)-earned)
		if began := float64(n+1) - earned - before; began > float64(burst)+float64(limit)*slack*1e-9+1e-6+earned*1e-12 {
			assert.Fail(t, "too many", "%v calls more than were earned by %v, at %v in bursts of %d", began, at, float64(limit), burst)
			return
		}
	}
}

// At any rate, in any stretch of time, no more calls begin than a burst and what is earned meanwhile. A refusal takes nothing, and is
// right about when to come back: a call that comes alone two nanoseconds before is refused, and one that comes then is not.
func TestAnyRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			limit, burst := anyRate(t), rapid.IntRange(1, 20).Draw(t, "burst")
			l := ratelimit.New(limit, burst)
			start := time.Now()
			var times []time.Duration
			call := func() error {
				before := l.Snapshot()
				_, err := l.Acquire(t.Context())
				if err == nil {
					times = append(times, time.Since(start))
				} else {
					before.Refused++
					require.Equal(t, before, l.Snapshot())
				}
				return err
			}
			sleep := func(t *rapid.T) {
				ticks := rapid.Float64Range(0, 2).Draw(t, "ticks")
				time.Sleep(time.Duration(ticks / float64(limit) * float64(time.Second)))
			}
			t.Repeat(map[string]func(*rapid.T){
				"a call": func(*rapid.T) { _ = call() },
				"a burst": func(*rapid.T) {
					for range burst {
						_ = call()
					}
				},
				"time passes": sleep,
				"one comes back": func(t *rapid.T) {
					err := call()
					if err == nil {
						t.Skip("it was not refused")
					}
					refusal, _ := err.(*ratelimit.LimitedError) //nolint:errorlint // as it is
					sleep(t)
					after, known := refusal.RetryAfter()
					require.True(t, known)
					unsure := 2 + time.Duration(2*float64(burst)/float64(limit)*float64(time.Second)*0x1p-50)
					if after > unsure {
						time.Sleep(after - unsure)
						require.Error(t, call(), "%v too early", unsure)
						time.Sleep(unsure)
					} else {
						time.Sleep(after)
					}
					require.NoError(t, call())
				},
			})
			within(t, times, limit, burst, 2)
		})
	})
}

// It is right, too, behind as many promises as there may be.
func TestAnyRateBehindPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			limit := anyRate(t)
			bucket := rate.NewLimiter(limit, rapid.IntRange(1, 1000).Draw(t, "burst"))
			l := ratelimit.From(bucket)
			for range rapid.IntRange(1, 1000).Draw(t, "promised") + bucket.Burst() {
				bucket.Reserve()
			}
			time.Sleep(time.Duration(rapid.Float64Range(0, 2).Draw(t, "ticks") / float64(limit) * float64(time.Second)))
			_, err := l.Acquire(t.Context())
			if err == nil {
				t.Skip("it was not refused")
			}
			after, known := fault.RetryAfter(err)
			require.True(t, known)
			time.Sleep(after)
			_, err = l.Acquire(t.Context())
			require.NoError(t, err)
		})
	})
}

// The rate is kept where calls wait, and leave, at any time: none waits for longer than it may, and none that leaves makes room for two.
func TestAnyRateWaiting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			limit, burst := anyRate(t), rapid.IntRange(1, 5).Draw(t, "burst")
			tick := float64(time.Second) / float64(limit)
			ticks := func(t *rapid.T, most float64, what string) time.Duration {
				return time.Duration(rapid.Float64Range(0, most).Draw(t, what) * tick)
			}
			most := 1 + ticks(t, 10, "wait")
			l := ratelimit.New(limit, burst, ratelimit.Wait(most))
			start := time.Now()
			var (
				times []time.Duration
				mu    sync.Mutex
				all   sync.WaitGroup
				left  int
			)
			for range rapid.IntRange(1, 40).Draw(t, "calls") {
				if rapid.Bool().Draw(t, "pause") {
					time.Sleep(ticks(t, 3, "time"))
				}
				ctx, cancel := context.WithCancel(t.Context())
				timer := time.NewTimer(math.MaxInt64)
				if rapid.Bool().Draw(t, "impatient") {
					timer.Reset(ticks(t, 5, "patience"))
				}
				all.Go(func() {
					defer timer.Stop()
					defer cancel()
					came := time.Now()
					_, err := l.Acquire(ctx)
					mu.Lock()
					defer mu.Unlock()
					assert.LessOrEqual(t, time.Since(came), most)
					switch reason(err) {
					case 0:
						times = append(times, time.Since(start))
					case ratelimit.ReasonCanceled:
						left++
					default:
					}
				})
				all.Go(func() {
					select {
					case <-timer.C:
						cancel()
					case <-ctx.Done():
					}
				})
				synctest.Wait()
			}
			all.Wait()
			within(t, times, limit, burst, float64(2+2*left))
			require.Zero(t, l.Snapshot().Waiting)
		})
	})
}
