package bulkhead_test

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/bulkhead"
)

// anOption draws an option that an Update takes, or one that makes no sense.
func anOption(t *rapid.T, sense bool) bulkhead.Option {
	if !sense {
		return rapid.SampledFrom([]bulkhead.Option{
			nil, bulkhead.Limit(0), bulkhead.Limit(math.MaxInt32), bulkhead.Queue(0, ms), bulkhead.Queue(1, 1), bulkhead.Name(""),
		}).Draw(t, "nonsense")
	}
	switch rapid.IntRange(0, 3).Draw(t, "option") {
	case 0:
		return bulkhead.Limit(rapid.IntRange(1, 1<<20).Draw(t, "limit"))
	case 1:
		wait := time.Duration(rapid.IntRange(1, 1000).Draw(t, "wait")) * ms
		return bulkhead.Queue(rapid.IntRange(1, 1<<20).Draw(t, "queue"), wait)
	case 2:
		return bulkhead.NoQueue()
	default:
		return bulkhead.Name("stock")
	}
}

// An Update is as if New had been given its options too, after all that came before; one that is refused is as if it had not been.
func TestUpdateIsNewWithMoreOptions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := func(what string) (list []bulkhead.Option) {
			for range rapid.IntRange(0, 4).Draw(t, what) {
				list = append(list, anOption(t, true))
			}
			return list
		}
		all := append([]bulkhead.Option{bulkhead.Name("stock")}, options("options")...)
		b := bulkhead.New(7, all...)
		for range rapid.IntRange(1, 5).Draw(t, "updates") {
			more := options("more")
			if rapid.Bool().Draw(t, "is nonsense") {
				more = append(more, anOption(t, false))
				more = append(more, options("and more")...)
				require.EqualError(t, b.Update(more...), bulkhead.Validate(7, more...).Error())
			} else {
				require.NoError(t, b.Update(more...))
				all = append(all, more...)
			}
			want := bulkhead.New(7, all...)
			require.Equal(t, want.String(), b.String())
			require.Equal(t, want.Snapshot(), b.Snapshot())
			_, wait := want.Worst()
			_, is := b.Worst()
			require.Equal(t, wait, is)
		}
	})
}

// tune changes the model's limit and queue.
func (m *model) tune(limit, queue int) {
	m.limit, m.queue = limit, queue
	for len(m.line) > 0 && len(m.goes) < m.limit {
		m.admit()
	}
}

// Whatever callers do, and whatever is tuned meanwhile, a bulkhead does what the model does: the same calls go, wait for as long, and are
// refused, for the same reason.
func TestATunedBulkheadIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			var (
				start   = time.Now()
				longest = 20*ms + ms/2
				m       = model{limit: rapid.IntRange(1, 4).Draw(t, "limit"), queue: 3}
				b       = bulkhead.New(m.limit, bulkhead.Queue(m.queue, longest))
				all     []*guest
			)
			one := func(t *rapid.T, of []*guest) *guest {
				if len(of) == 0 {
					t.Skip("nobody")
				}
				return of[rapid.IntRange(0, len(of)-1).Draw(t, "who")]
			}
			arrive := func(*rapid.T) {
				g := &guest{until: time.Since(start) + longest, why: "waited"}
				m.arrive(g)
				g.visitor = visit(b, always)
				all = append(all, g)
			}
			end := func(t *rapid.T) {
				g := one(t, m.goes)
				b.Release(g.token, nil)
				m.end(g)
			}
			t.Repeat(map[string]func(*rapid.T){
				"arrive": arrive, "arrive too": arrive, "and arrive": arrive,
				"end": end, "end too": end,
				"leave": func(t *rapid.T) {
					g := one(t, m.line)
					g.cancel(nil)
					m.leave(g, "canceled")
				},
				"tune": func(t *rapid.T) {
					limit, queue := m.limit, m.queue
					var options []bulkhead.Option
					if rapid.Bool().Draw(t, "tune the limit") {
						limit = rapid.IntRange(1, 6).Draw(t, "limit")
						options = append(options, bulkhead.Limit(limit))
					}
					if rapid.Bool().Draw(t, "tune the queue") {
						if queue = rapid.IntRange(0, 5).Draw(t, "queue"); queue == 0 {
							options = append(options, bulkhead.NoQueue())
						} else {
							longest = time.Duration(rapid.IntRange(5, 40).Draw(t, "wait"))*ms + ms/2
							options = append(options, bulkhead.Queue(queue, longest))
						}
					}
					before := b.Snapshot()
					require.Error(t, b.Update(append(slices.Clip(options), anOption(t, false))...))
					require.Equal(t, before, b.Snapshot())
					require.NoError(t, b.Update(options...))
					m.tune(limit, queue)
				},
				"wait": func(t *rapid.T) {
					time.Sleep(time.Duration(rapid.IntRange(1, 15).Draw(t, "ms")) * ms)
					m.pass(time.Since(start))
				},
				"": func(t *rapid.T) {
					synctest.Wait()
					for i, g := range all {
						if g.is != "ended" {
							require.Equal(t, g.is, g.visitor.is(), "call %d", i+1)
						}
					}
					s := b.Snapshot()
					require.Equal(t, []int{m.limit, len(m.goes), m.queue, len(m.line)}, []int{s.Limit, s.InFlight, s.Queue, s.Queued})
				},
			})
			for len(m.goes) > 0 {
				g := m.goes[0]
				b.Release(g.token, nil)
				m.end(g)
				synctest.Wait()
			}
			isWhole(t, b)
		})
	})
}
