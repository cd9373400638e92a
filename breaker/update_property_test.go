package breaker_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// tunable draws options that Update takes, sense and nonsense.
func tunable(t *rapid.T) []breaker.Option {
	rate := func() float64 { return rapid.SampledFrom([]float64{1e-6, 0.1, 0.5, 1}).Draw(t, "rate") }
	took := func() time.Duration { return time.Duration(rapid.IntRange(1, 300).Draw(t, "s")) * time.Second }
	class := rapid.SampledFrom([]fault.Class{fault.ClassPermanent, fault.ClassTransient, fault.ClassCanceled, fault.ClassIgnored})
	number := rapid.IntRange(0, 40)
	draw := rapid.SampledFrom([]func() breaker.Option{
		func() breaker.Option { return breaker.Name("stock") },
		func() breaker.Option { return breaker.Window(took()) },
		func() breaker.Option { return breaker.CountWindow(number.Draw(t, "calls")) },
		func() breaker.Option { return breaker.MinCalls(number.Draw(t, "calls")) },
		func() breaker.Option { return breaker.FailureRate(rate()) },
		breaker.NoFailureRate,
		func() breaker.Option { return breaker.ConsecutiveFailures(rapid.IntRange(-1, 5).Draw(t, "calls")) },
		func() breaker.Option { return breaker.SlowCalls(took(), rate()) },
		breaker.NoSlowCalls,
		func() breaker.Option { return breaker.OpenTime(took()) },
		func() breaker.Option { return breaker.OpenTimeGrowth(2*rate()+0.9, took()) },
		func() breaker.Option { return breaker.OpenTimeJitter(rate()) },
		func() breaker.Option { return breaker.Probes(number.Draw(t, "probes")) },
		func() breaker.Option { return breaker.ProbeLease(took()) },
		func() breaker.Option { return breaker.ProbeFailureRate(rate()) },
		func() breaker.Option { return breaker.MinPatience(took()) },
		breaker.NoMinPatience,
		func() breaker.Option { return breaker.Ramp(took()) },
		breaker.NoRamp,
		func() breaker.Option { return breaker.Classify(fault.Of) },
		func() breaker.Option { return breaker.CountAs(class.Draw(t, "class"), class.Draw(t, "as")) },
		func() breaker.Option { return nil },
	})
	var options []breaker.Option
	for range rapid.IntRange(0, 4).Draw(t, "options") {
		options = append(options, draw.Draw(t, "option")())
	}
	return options
}

// An updated breaker is what New makes of all options in order, and what New refuses of them, Update does, and changes nothing.
func TestUpdateIsNewWithMoreOptions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := []breaker.Option{breaker.Name("stock")}
		if first := tunable(t); breaker.Validate(first...) == nil {
			all = append(all, first...)
		}
		b := breaker.New(all...)
		for range 8 {
			more := tunable(t)
			before := breaker.SettingsOf(b)
			alone := breaker.Validate(append(slices.Clip(all), more...)...)
			err := b.Update(more...)
			require.Equal(t, alone == nil, err == nil, "%v, %v", alone, err)
			if err != nil {
				require.Equal(t, before, breaker.SettingsOf(b))
				continue
			}
			all = append(all, more...)
			require.Equal(t, breaker.SettingsOf(breaker.New(all...)), breaker.SettingsOf(b))
			require.Equal(t, breaker.New(all...).String(), b.String())
		}
	})
}

// However often a count window is resized, it is the list of the last calls.
func TestResizedCountWindowIsAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 20)
		most := size.Draw(t, "size")
		b := breaker.New(breaker.CountWindow(most))
		b.ForceClosed()
		var last []string
		t.Repeat(map[string]func(*rapid.T){
			"calls": func(t *rapid.T) {
				for range rapid.IntRange(1, 10).Draw(t, "calls") {
					end := rapid.SampledFrom(ends).Draw(t, "end")
					call(t, b, end.err)
					if end.is != uncounted {
						last = append(last, end.is)
					}
				}
			},
			"resize": func(t *rapid.T) {
				most = size.Draw(t, "size")
				update(t, b, breaker.CountWindow(most))
			},
			"": func(t *rapid.T) {
				last = last[max(0, len(last)-most):]
				want := breaker.Counts{Calls: uint64(len(last))}
				for _, is := range last {
					switch is {
					case failure:
						want.Failures++
					case slow:
						want.Slow++
					default:
					}
				}
				got := b.Snapshot().Counts
				got.Consecutive = 0
				require.Equal(t, want, got)
			},
		})
	})
}

// Whatever is updated, what a snapshot says is what the next call finds, and nobody hears of anything that time has not brought.
func TestUpdateIsForetold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			var news diary
			b := breaker.New(breaker.Name("stock"), breaker.ConsecutiveFailures(2), breaker.Probes(3), breaker.OnTransition(news.write))
			var out []uint64
			t.Repeat(map[string]func(*rapid.T){
				"begin": func(*rapid.T) {
					if token, err := b.Acquire(always); err == nil {
						out = append(out, token)
					}
				},
				"end": func(t *rapid.T) {
					if len(out) == 0 {
						t.Skip("no call is out")
					}
					b.Release(out[0], rapid.SampledFrom(ends).Draw(t, "end").err)
					out = out[1:]
				},
				"fail": func(t *rapid.T) {
					for range rapid.IntRange(1, 30).Draw(t, "calls") {
						if token, err := b.Acquire(always); err == nil {
							b.Release(token, errDown)
						}
					}
				},
				"wait": func(t *rapid.T) {
					time.Sleep(time.Duration(rapid.IntRange(1, 10_000).Draw(t, "ms")) * time.Millisecond)
				},
				"update": func(t *rapid.T) {
					before := b.Snapshot()
					if b.Update(tunable(t)...) != nil {
						require.Equal(t, before, b.Snapshot())
						return
					}
					after := b.Snapshot()
					require.Equal(t, before.Refused, after.Refused)
					if before.State == after.State {
						require.Equal(t, before.Since, after.Since)
						require.Equal(t, before.Cause, after.Cause)
						require.Equal(t, before.Opened, after.Opened)
						require.Equal(t, before.Counts.Consecutive, after.Counts.Consecutive)
						return
					}
					require.Equal(t, time.Now(), after.Since, "time is up by the new numbers")
				},
				"": func(t *rapid.T) {
					said := b.Snapshot()
					token, err := b.Acquire(always)
					if err == nil {
						b.Release(token, fault.End(errDown, fault.ClassExited)) // as if it had not been
					} else {
						var open *breaker.OpenError
						require.ErrorAs(t, err, &open)
						require.Equal(t, said.State, open.State)
						require.Equal(t, said.Since, open.Since)
						after, _ := open.RetryAfter()
						require.Equal(t, said.NextProbe, after)
						said.Refused++
					}
					require.Equal(t, said, b.Snapshot())
				},
			})
			consistent(t, news.read())
		})
	})
}
