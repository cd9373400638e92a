package telemetry_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/telemetry"
)

// Handlers and processors are the program's. Where one panics the caller hears of it, and nothing stays behind: the call's span has ended, no
// call is active, no lock is held.
func TestAHandlerThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.WithLogger(slog.New(hearing{func(context.Context) { panic("disk full") }})))
		p := s.pipeline()
		assert.PanicsWithValue(t, "disk full", func() { s.do(p, down) })
		s.do(p, fine)
		assert.Equal(t, []string{"pipeline.name=inventory 0"}, s.metrics()["ductile.call.active"])
		assert.Equal(t, `inventory 0-1 call.attempts=1 outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
inventory 1-2 call.attempts=1 outcome=success
  inventory attempt 1-2 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
    GET 1-2
`, s.tree())
	})
}

func TestAProcessorThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, at := range []func(name string) *fragile{
			func(name string) *fragile { return &fragile{start: name} },
			func(name string) *fragile { return &fragile{end: name} },
		} {
			for _, name := range []string{"inventory", "inventory attempt"} {
				processor := at(name)
				s := newScene(t)
				s.tracers.RegisterSpanProcessor(processor)
				p := s.pipeline(trips())
				assert.PanicsWithValue(t, "no memory", func() { s.do(p, fine) })
				*processor = fragile{}
				s.do(s.pipeline(), fine)
				assert.Equal(t, []string{"pipeline.name=inventory 0"}, s.metrics()["ductile.call.active"])
				s.leave()
			}
		}
	})
}

// fragile is a processor that panics when a span of a name starts or ends.
type fragile struct{ start, end string }

func (f *fragile) OnStart(_ context.Context, s trace.ReadWriteSpan) {
	if s.Name() == f.start {
		panic("no memory")
	}
}

func (f *fragile) OnEnd(s trace.ReadOnlySpan) {
	if s.Name() == f.end {
		panic("no memory")
	}
}
func (*fragile) Shutdown(context.Context) error   { return nil }
func (*fragile) ForceFlush(context.Context) error { return nil }

// Where another observer panics before the call begins, it has ended for this one.
func TestAnotherObserverThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		p := ductile.New("inventory").With(s.Observer, panicking{})
		assert.Panics(t, func() { s.do(p, fine) })
		assert.Equal(t, []string{"pipeline.name=inventory 0"}, s.metrics()["ductile.call.active"])
		assert.Equal(t, "inventory 0-0 call.attempts=0 outcome=panic error.type=panic ERROR\n", s.tree())
	})
}

type panicking struct{}

func (panicking) Begin(context.Context, string) (context.Context, ductile.Watch) { panic("broken") }

// Two observers tell the same, each to its own, and one that is attached twice tells it twice.
func TestTwoObservers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := newScene(t), newScene(t)
		p := ductile.New("inventory", retries()).With(one.Observer, two.Observer)
		_, _ = ductile.Do(ctx, p, func(context.Context) (int, error) { return 7, nil })
		assert.Len(t, one.spans.Ended(), 2)
		assert.Len(t, two.spans.Ended(), 2)
		assert.Equal(t, one.metrics(), two.metrics())

		twice := ductile.New("inventory").With(one.Observer, one.Observer)
		_, _ = ductile.Do(ctx, twice, func(context.Context) (int, error) { return 7, nil })
		assert.Len(t, one.spans.Ended(), 6)
	})
}
