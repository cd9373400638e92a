package safemode_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
)

// Whatever people, calls and time do, a mode does what a plain model does.
func TestAgainstAModel(t *testing.T) {
	reached := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		synctest.Test(t, func(*testing.T) {
			var d diary
			mode, want := safemode.New(simple(), safemode.OnChange(d.write)), newModel()
			start := time.Now()
			var out []modelCall
			level := rapid.SampledFrom([]safemode.Level{safemode.Normal, safemode.Degraded, safemode.Safe})
			mood := rapid.IntRange(0, 9).Draw(r, "mood")
			acquire := func(lowest safemode.Level) bool {
				token, err := mode.For(lowest).Acquire(always)
				call, goes, sure := want.acquire(lowest)
				if sure {
					require.Equal(r, goes, err == nil, "%v at %v: %v", lowest, want.level, err)
				}
				if !sure { // the first of two: the other one goes if it does not
					want.went = 0
					if err == nil {
						want.went = 1
					}
				}
				if err != nil {
					return false
				}
				call.token = token
				out = append(out, call)
				return true
			}
			release := func(i int, failed bool) {
				call := out[i]
				out = append(out[:i], out[i+1:]...)
				var err error
				if failed {
					err = errDown
				}
				mode.Release(call.token, err)
				want.release(call, failed)
			}
			call := func(lowest safemode.Level, failed bool) {
				if acquire(lowest) {
					release(len(out)-1, failed)
				}
			}
			fails := rapid.Custom(func(r *rapid.T) bool { return rapid.IntRange(0, 9).Draw(r, "fails") < mood })
			r.Repeat(map[string]func(*rapid.T){
				"acquire": func(r *rapid.T) { acquire(level.Draw(r, "lowest")) },
				"release": func(r *rapid.T) {
					if len(out) > 0 {
						release(rapid.IntRange(0, len(out)-1).Draw(r, "which"), fails.Draw(r, "failed"))
					}
				},
				"nobody's fault": func(r *rapid.T) {
					if len(out) == 0 {
						return
					}
					last := out[len(out)-1]
					out = out[:len(out)-1]
					mode.Release(last.token, rapid.SampledFrom([]error{context.Canceled, fault.ErrExited, fault.Superseded(true)}).Draw(r, "end"))
					if last.trial == want.trial && want.step == 0 {
						want.pass()
						for i, l := range want.leases {
							if last.trial == want.trial && l.number == last.number {
								want.leases = append(want.leases[:i:i], want.leases[i+1:]...)
								break
							}
						}
					}
				},
				"calls": func(r *rapid.T) {
					lowest := level.Draw(r, "lowest")
					for range rapid.IntRange(1, 20).Draw(r, "n") {
						call(lowest, fails.Draw(r, "failed"))
					}
				},
				"a while": func(r *rapid.T) {
					lowest, failed := level.Draw(r, "lowest"), rapid.Bool().Draw(r, "failed")
					for range rapid.IntRange(1, 15).Draw(r, "seconds") {
						for range 10 {
							call(lowest, failed)
						}
						time.Sleep(second)
						want.now += second
					}
				},
				"sleep": func(r *rapid.T) {
					ms := rapid.SampledFrom([]int{1, 500, 999, 1000, 3000, 4000, 10_000, 30_000, 60_000}).Draw(r, "ms")
					time.Sleep(time.Duration(ms) * time.Millisecond)
					want.now += time.Duration(ms) * time.Millisecond
				},
				"try": func(*rapid.T) {
					if wait := mode.Snapshot().NextTry; wait > 0 {
						time.Sleep(wait)
						want.now += wait
					}
				},
				"turn": func(r *rapid.T) { mood = rapid.SampledFrom([]int{0, 1, 9, 10}).Draw(r, "mood") },
				"order": func(r *rapid.T) {
					if rapid.IntRange(0, 3).Draw(r, "whether") > 0 {
						return
					}
					l := level.Draw(r, "level")
					mode.Hold(l, "")
					want.order(l, true)
				},
				"disengage": func(r *rapid.T) {
					if rapid.IntRange(0, 3).Draw(r, "whether") == 0 || want.held {
						mode.Disengage()
						want.order(safemode.Normal, false)
					}
				},
				"": func(r *rapid.T) {
					require.Equal(r, want.now, time.Since(start))
					require.Equal(r, want.level, mode.Level())
					require.Len(r, d.read(), want.changes)
					s := mode.Snapshot()
					require.Equal(r, want.held, s.Held)
					calls, failed := want.counts()
					if want.level < safemode.Safe {
						require.Equal(r, safemode.Counts{Calls: uint64(calls), Failures: uint64(failed)}, s.Counts)
					}
					seen := *want // as reading sees it: with the leases that have ended
					seen.pass()
					require.Equal(r, len(seen.leases), s.Probing)
					if seen.step == 0 {
						require.Equal(r, max(seen.until-seen.now, 0), s.NextTry)
					}
					if seen.step >= 0 {
						require.Equal(r, safemode.Counts{Calls: uint64(seen.ended), Failures: uint64(seen.fails)}, s.Trial)
						require.InDelta(r, []float64{0, 0.5, 1}[seen.step], s.Share, 0)
						reached[[]string{"waiting or probing", "half", "all"}[seen.step]+" at "+want.level.String()]++
					}
				},
			})
			at := safemode.Normal
			for _, c := range d.read() {
				require.Equal(r, at, c.From, "each change begins where the last one ended")
				require.Zero(r, c.Missed)
				at = c.To
			}
		})
	})
	t.Log(reached)
}
