package bulkhead_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/bulkhead"
)

// A model is a bulkhead that anybody can see is right: who has a permit, and who waits for how long.
type model struct {
	limit, queue int
	goes, line   []*guest
}

type guest struct {
	*visitor
	until time.Duration // when the wait ends
	why   string        // by what
	is    string        // what should have become of it
}

// arrive is a call that may wait until a time.
func (m *model) arrive(g *guest) {
	switch {
	case len(m.goes) < m.limit:
		m.goes, g.is = append(m.goes, g), "goes"
	case m.queue == 0:
		g.is = "full"
	case len(m.line) >= m.queue:
		g.is = "queue_full"
	default:
		m.line, g.is = append(m.line, g), "waits"
	}
}

// end ends a call that goes: the first in the queue goes in its place, unless too many go.
func (m *model) end(g *guest) {
	m.goes, g.is = drop(m.goes, g), "ended"
	if len(m.line) > 0 && len(m.goes) < m.limit {
		m.admit()
	}
}

// admit lets the first in the queue go.
func (m *model) admit() {
	first := m.line[0]
	m.line, m.goes, first.is = m.line[1:], append(m.goes, first), "goes"
}

// leave takes a guest out of the queue.
func (m *model) leave(g *guest, why string) { m.line, g.is = drop(m.line, g), why }

// pass lets time pass, up to now.
func (m *model) pass(now time.Duration) {
	for _, g := range slices.Clone(m.line) {
		if now >= g.until {
			m.leave(g, g.why)
		}
	}
}

func drop(from []*guest, g *guest) []*guest {
	return slices.DeleteFunc(from, func(other *guest) bool { return other == g })
}

// Whatever callers do, in whatever order, a bulkhead does what the model does: the same calls go, wait, and are refused, for the same
// reason. Permits come back at whole milliseconds, and waits end between them, so that what happens first is certain.
func TestBulkheadIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			const longest = 20*ms + ms/2
			var (
				start   = time.Now()
				m       = model{limit: rapid.IntRange(1, 3).Draw(t, "limit"), queue: rapid.IntRange(0, 4).Draw(t, "queue")}
				options []bulkhead.Option
				all     []*guest
				odd     time.Duration // makes each deadline another instant
			)
			if m.queue > 0 {
				options = append(options, bulkhead.Queue(m.queue, longest))
			}
			b := bulkhead.New(m.limit, options...)
			one := func(t *rapid.T, of []*guest) *guest {
				if len(of) == 0 {
					t.Skip("nobody")
				}
				return of[rapid.IntRange(0, len(of)-1).Draw(t, "who")]
			}
			arrive := func(ctx context.Context, until time.Duration, why string) {
				g := &guest{until: until, why: why}
				m.arrive(g)
				g.visitor = visit(b, ctx)
				all = append(all, g)
			}
			end := func(t *rapid.T) {
				g := one(t, m.goes)
				b.Release(g.token, nil)
				m.end(g)
			}
			wait := func(t *rapid.T) {
				time.Sleep(time.Duration(rapid.IntRange(1, 15).Draw(t, "ms")) * ms)
				m.pass(time.Since(start))
			}
			patient := func(*rapid.T) { arrive(always, time.Since(start)+longest, "waited") }
			t.Repeat(map[string]func(*rapid.T){
				"arrive":      patient,
				"arrive more": patient,
				"arrive, with a deadline": func(t *rapid.T) {
					odd++
					left := time.Duration(rapid.IntRange(0, 30).Draw(t, "ms left"))*ms + odd
					ctx, cancel := context.WithTimeout(always, left)
					t.Cleanup(cancel)
					if left < longest {
						arrive(ctx, time.Since(start)+left, "deadline")
					} else {
						arrive(ctx, time.Since(start)+longest, "waited")
					}
				},
				"arrive, canceled": func(*rapid.T) {
					ctx, cancel := context.WithCancel(always)
					cancel()
					arrive(ctx, 0, "canceled")
					m.pass(0) // what is in the queue has a later end
					if g := all[len(all)-1]; g.is == "waits" {
						m.leave(g, "canceled")
					}
				},
				"end":      end,
				"end more": end,
				"leave": func(t *rapid.T) {
					g := one(t, m.line)
					g.cancel(nil)
					m.leave(g, "canceled")
				},
				"end and leave": func(t *rapid.T) { // in the same moment: whoever is granted and gone passes it on
					g := one(t, m.line)
					g.cancel(nil)
					m.leave(g, "canceled")
					end(t)
				},
				"end too often": func(t *rapid.T) {
					if len(m.goes) > 0 {
						t.Skip("that would be another's")
					}
					b.Release(1, nil)
				},
				"wait": wait,
				"": func(t *rapid.T) {
					synctest.Wait()
					for i, g := range all {
						if g.is != "ended" {
							require.Equal(t, g.is, g.visitor.is(), "call %d", i+1)
						}
					}
					s := b.Snapshot()
					require.Equal(t, []int{len(m.goes), len(m.line)}, []int{s.InFlight, s.Queued})
				},
			})
			for len(m.goes) > 0 {
				b.Release(m.goes[0].token, nil)
				m.end(m.goes[0])
				synctest.Wait()
			}
			isWhole(t, b)
		})
	})
}
