package breaker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fault"
)

// What a snapshot says without a call coming by is what the next call finds: whether it goes, or how it is refused. And what that call
// changes on its way, it changes to what the snapshot said already. Here with everything on, jitter included.
func TestSnapshotForetells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			var news diary
			b := breaker.New(breaker.ConsecutiveFailures(2), breaker.Probes(3), breaker.ProbeLease(time.Second), breaker.OpenTime(2*time.Second),
				breaker.SlowCalls(500*time.Millisecond, 0.5), breaker.MinCalls(4), breaker.OnTransition(news.write))
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
				"lose":    func(*rapid.T) { out = nil },
				"wait":    func(t *rapid.T) { time.Sleep(time.Duration(rapid.IntRange(1, 3000).Draw(t, "ms")) * time.Millisecond) },
				"isolate": func(*rapid.T) { b.Isolate("test") },
				"reset":   func(*rapid.T) { b.Reset() },
				"": func(t *rapid.T) {
					told := len(news.read())
					said := b.Snapshot()
					require.Equal(t, said, b.Snapshot(), "reading changes nothing")
					require.Equal(t, said.State, b.State())
					require.Len(t, news.read(), told, "and tells nobody")

					token, err := b.Acquire(always)
					switch said.State {
					case breaker.Closed, breaker.ForcedClosed:
						require.NoError(t, err)
					case breaker.HalfOpen:
						require.Equal(t, said.Probing < 3, err == nil, "%v", err)
					default:
						require.Error(t, err)
					}
					if err == nil {
						b.Release(token, fault.End(errDown, fault.ClassCanceled)) // as if it had not been
					} else {
						var open *breaker.OpenError
						require.ErrorAs(t, err, &open)
						require.Equal(t, said.State, open.State)
						require.Equal(t, said.Since, open.Since)
						require.Equal(t, said.Cause, open.Cause)
						after, _ := open.RetryAfter()
						require.Equal(t, said.NextProbe, after)
						said.Refused++
					}
					require.Equal(t, said, b.Snapshot(), "what the call found and did")
					if heard := news.read(); len(heard) > 0 {
						last := heard[len(heard)-1]
						require.Equal(t, said.State, last.To)
						require.Equal(t, said.Since, last.At)
						require.Equal(t, said.Cause, last.Cause)
					}
				},
			})
		})
	})
}
