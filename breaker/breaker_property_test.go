package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/breaker"
)

// Whatever happens to a breaker, in whatever order, it does what the model does: same admissions, same state since the same moment, same
// counts, same story for the listener; never more live leases than there are places. And it always finds back: see recovers.
func TestBreakerIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			type held struct {
				call  int
				token uint64
			}
			var (
				start = time.Now()
				now   = func() time.Duration { return time.Since(start) }
				news  diary
				b     = like(breaker.OnTransition(news.write))
				m     model
				calls int
				out   []held
			)
			m.enter(breaker.Closed, 0)
			end := func(i int, err error, is string) {
				b.Release(out[i].token, err)
				m.end(out[i].call, is, now())
			}
			order := func(say func(), state breaker.State) func(*rapid.T) {
				return func(t *rapid.T) {
					if rapid.IntRange(0, 5).Draw(t, "really") == 0 { // or it would be all that happens
						say()
						m.enter(state, now())
					}
				}
			}
			one := func(t *rapid.T) int {
				if len(out) == 0 {
					t.Skip("no call is out")
				}
				return rapid.IntRange(0, len(out)-1).Draw(t, "call")
			}
			forget := func(i int) { out = append(out[:i], out[i+1:]...) }
			begin := func(t *rapid.T) {
				calls++
				token, err := b.Acquire(always)
				require.Equal(t, m.begin(calls, now()), err == nil, "admission: %v", err)
				if err == nil {
					out = append(out, held{calls, token})
				}
			}
			finish := func(t *rapid.T) {
				i, how := one(t), rapid.SampledFrom(ends).Draw(t, "end")
				end(i, how.err, how.is)
				forget(i)
			}
			actions := map[string]func(*rapid.T){
				"begin":       begin,
				"begin more":  begin,
				"end":         finish,
				"end more":    finish,
				"end, failed": func(t *rapid.T) { i := one(t); end(i, errDown, failure); forget(i) },
				"end twice": func(t *rapid.T) { // a second time is no time, in a state that gives leases
					if i := one(t); m.state == breaker.HalfOpen {
						end(i, nil, success)
						end(i, errDown, failure)
						forget(i)
					}
				},
				"a few calls": func(t *rapid.T) {
					failing := rapid.SampledFrom([]int{0, 20, 50, 100}).Draw(t, "% failing")
					for range rapid.IntRange(1, 2*minCalls).Draw(t, "calls") {
						if begin(t); len(out) == 0 {
							return
						}
						if rapid.IntRange(1, 100).Draw(t, "dice") <= failing {
							end(len(out)-1, errDown, failure)
						} else {
							end(len(out)-1, nil, success)
						}
						forget(len(out) - 1)
					}
				},
				"lose": func(t *rapid.T) { forget(one(t)) }, // it hangs, or whoever made it forgot
				"wait a little": func(t *rapid.T) {
					time.Sleep(time.Duration(rapid.IntRange(1, 2000).Draw(t, "ms")) * time.Millisecond)
					m.pass(now())
				},
				"wait for what time brings": func(t *rapid.T) {
					next := now() + 10*time.Second
					if _, ends := m.firstLease(); m.state == breaker.Open {
						next = m.until()
					} else if ends < never {
						next = ends
					}
					time.Sleep(next - now() - time.Duration(rapid.IntRange(0, 1).Draw(t, "a little less")))
					m.pass(now())
				},
				"isolate": order(func() { b.Isolate("test") }, breaker.Isolated),
				"force":   order(b.ForceClosed, breaker.ForcedClosed),
				"reset":   order(b.Reset, breaker.Closed),
				"": func(t *rapid.T) {
					s := b.Snapshot()
					require.Equal(t, m.state, s.State)
					require.Equal(t, m.state, b.State())
					require.Equal(t, m.since, s.Since.Sub(start), "since")
					require.Equal(t, m.counts(now()), s.Counts)
					if m.state == breaker.Open {
						require.Equal(t, m.until()-now(), s.NextProbe)
					}
					if m.state == breaker.HalfOpen {
						require.Len(t, m.out, s.Probing, "leases")
						require.LessOrEqual(t, s.Probing, probes)
					}
				},
			}
			for range 5 { // it takes a while to open, to probe and to close
				t.Repeat(actions)
			}
			recovers(t, b)
			consistent(t, news.read())
		})
	})
}

// recovers requires of a breaker in any state that it is closed after enough time and successes, and a person's word where a person has
// isolated or forced it. Probes that were lost before must not keep it from that.
func recovers(t tester, b *breaker.Breaker) {
	t.Helper()
	if s := b.State(); s == breaker.Isolated || s == breaker.ForcedClosed {
		b.Reset()
	}
	for range 3 { // lost probes may end its half-open time once more
		time.Sleep(mostOpen)
		for b.State() == breaker.HalfOpen {
			token, err := b.Acquire(always)
			if err != nil {
				break // lost probes have the places, still
			}
			b.Release(token, nil)
		}
	}
	require.Equal(t, breaker.Closed, b.State())
}

// consistent requires that each transition begins where the one before ended, and no earlier, and that only a person's word leads from a
// state to itself.
func consistent(t tester, heard []breaker.Transition) {
	t.Helper()
	from, at := breaker.Closed, time.Time{}
	for i, page := range heard {
		require.Equal(t, from, page.From, "transition %d", i+1)
		require.False(t, page.At.Before(at), "transition %d", i+1)
		require.Zero(t, page.Missed)
		if ordered := page.To == breaker.Isolated || page.To == breaker.ForcedClosed || page.Cause == breaker.CauseReset; !ordered {
			require.NotEqual(t, page.From, page.To, "transition %d", i+1)
		}
		from, at = page.To, page.At
	}
}
