package telemetry_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
	"github.com/ductile-go/ductile/telemetry"
	"github.com/ductile-go/ductile/timeout"
)

// Every story has the spans that it should have: the attempts under the call, and what they call under them, all in one trace.
func TestSpans(t *testing.T) {
	for _, is := range stories {
		t.Run(is.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t)
				is.tell(s)
				assert.Equal(t, is.tree, "\n"+s.tree())
				assert.Len(t, s.spans.Ended(), len(s.spans.Started()), "what is begun is ended")
				for _, span := range s.spans.Ended() {
					if scope := span.InstrumentationScope(); scope.Name != "program" {
						assert.Equal(t, telemetry.ScopeName, scope.Name)
						assert.Equal(t, telemetry.Version, scope.Version)
						assert.Equal(t, telemetry.SchemaURL, scope.SchemaURL)
						assert.Equal(t, api.SpanKindInternal, span.SpanKind())
					}
					assert.Empty(t, span.Events())
					assert.False(t, span.Parent().IsValid() && span.Parent().TraceID() != span.SpanContext().TraceID())
				}
			})
		})
	}
}

// Lean spans are the same without the first attempt's, which its call's stands for.
func TestLeanSpans(t *testing.T) {
	for name, tree := range map[string]string{
		"a success": `
inventory 0-1 call.attempts=1 outcome=success
  GET 0-1
`,
		"an answer that is no": `
inventory 0-1 call.attempts=1 outcome=permanent
  GET 0-1
`,
		"retry around breaker": `
inventory 0-1103 call.attempts=3 call.first_outcome=transient call.retry_wait=1.1 outcome=success
  GET 0-1
  inventory attempt 101-102 attempt.number=2 attempt.copy=1 attempt.reason=retry attempt.delay=0.1 attempt.cause=transient outcome=overload error.type=overload ERROR
    GET 101-102
  inventory attempt 1102-1103 attempt.number=3 attempt.copy=1 attempt.reason=retry attempt.delay=1 attempt.cause=overload outcome=success
    GET 1102-1103
`,
		"a fallback that fails": `
inventory 0-1 call.attempts=1 call.fallback_failed=["cache"] outcome=transient error.type=transient ERROR
  GET 0-1
`,
		"fallback on open": `
inventory 0-1 call.attempts=1 call.first_outcome=transient call.degraded=true call.answered_by=fallback call.answered_for=transient outcome=degraded
  GET 0-1
inventory 1-1 call.attempts=0 call.rejected_by=["breaker"] call.degraded=true call.answered_by=fallback call.answered_for=rejected outcome=degraded
`,
		"a loser that fails late": `
inventory 0-11 call.attempts=2 call.copies=2 call.won_by=2 outcome=success
  inventory attempt 10-11 attempt.number=1 attempt.copy=2 attempt.reason=hedge attempt.delay=0.01 outcome=success
    GET 10-11
`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := told(t, name, newScene(t, telemetry.WithLeanSpans()))
				assert.Equal(t, tree, "\n"+s.tree())
			})
		})
	}
}

// Where the caller's span is recorded, so is the call; where there is none, or a sampler has decided against it, there are no spans.
func TestParentOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.WithParentOnly())
		p := s.pipeline(retries())
		s.do(p, fine)
		assert.Equal(t, "GET 0-1\n", s.tree())
		s.spans.Reset()

		of := trace.NewTracerProvider(trace.WithSampler(trace.NeverSample())).Tracer("program")
		unsampled, refused := of.Start(ctx, "GET /")
		defer refused.End()
		_, _ = ductile.Do(unsampled, p, func(ctx context.Context) (int, error) {
			assert.Equal(t, api.SpanFromContext(unsampled), api.SpanFromContext(ctx))
			return 0, nil
		})
		assert.Empty(t, s.tree())

		sampled, root := s.tracers.Tracer("program").Start(ctx, "GET /")
		_, _ = ductile.Do(sampled, p, s.script(fine))
		root.End()
		assert.Equal(t, `GET / 0-1
  inventory 0-1 call.attempts=1 outcome=success
    inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
      GET 0-1
`, s.tree())
	})
}

// What a sampler has decided against costs no attempt's span, and hands the decision on.
func TestNotSampled(t *testing.T) {
	s := newScene(t, telemetry.WithTracerProvider(trace.NewTracerProvider(trace.WithSampler(trace.NeverSample()))))
	for _, o := range []*telemetry.Observer{s.Observer, telemetry.New(
		telemetry.WithTracerProvider(trace.NewTracerProvider(trace.WithSampler(trace.NeverSample()))), telemetry.WithoutMetrics(), telemetry.WithoutLogs(),
	)} {
		_, _ = ductile.Do(ctx, ductile.New("inventory").With(o), func(ctx context.Context) (int, error) {
			span := api.SpanFromContext(ctx)
			assert.True(t, span.SpanContext().IsValid())
			assert.False(t, span.SpanContext().IsSampled())
			return 0, nil
		})
	}
}

// A call that has ended is told of at once, and a copy that still runs when it ends.
func TestTheLoserIsToldOfLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		p := s.concurrent(timeout.New(20*msec, timeout.Detached()))
		_, _ = ductile.DoConcurrent(ctx, p, func(context.Context) (int, error) { time.Sleep(time.Second); return 0, nil })
		assert.Equal(t, "inventory 0-20 call.attempts=1 call.timed_out=[\"timeout\"] outcome=timeout error.type=timeout ERROR\n", s.tree())
		time.Sleep(time.Minute)
		assert.Len(t, s.spans.Ended(), 2)
	})
}

// A span lists a few names of policies, each once.
func TestListsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		_, w := s.Begin(ctx, "inventory")
		for range 2 {
			for i := range 20 {
				w.Rejected(ctx, ductile.Rejected{Policy: strconv.Itoa(i)})
				w.TimedOut(ctx, ductile.TimedOut{Policy: strconv.Itoa(i)})
				w.FellBack(ctx, ductile.FellBack{Policy: strconv.Itoa(i), Err: errDown})
			}
		}
		w.Ended(ctx, ductile.Ended{Class: fault.ClassRejected, Err: errDown})
		list := `["0","1","2","3","4","5","6","7"]`
		assert.Equal(t, "inventory 0-0 call.attempts=0 call.rejected_by="+list+" call.timed_out="+list+" call.fallback_failed="+list+
			" outcome=rejected error.type=rejected ERROR\n", s.tree())
	})
}

// An inner retry that gave up is not why the call ended, if an outer one went on; a copy that was refused before it reached the function is one, too.
func TestWhatIsSuperseded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		_, w := s.Begin(ctx, "inventory")
		w.RetryStopped(ctx, ductile.RetryStopped{Policy: "inner", Reason: errDown})
		w.RetryScheduled(ctx, ductile.RetryScheduled{Policy: "outer", Attempt: 2, Wait: time.Second})
		w.HedgeStarted(ctx, ductile.HedgeStarted{Policy: "hedge", Attempt: 2, Copy: 3})
		w.Ended(ctx, ductile.Ended{Class: fault.ClassPermanent, Err: errDown})
		assert.Equal(t, "inventory 0-0 call.attempts=0 call.retry_wait=1 call.copies=3 outcome=permanent\n", s.tree())
	})
}

// Copies of a call that repeat are not taken for one another where the driver tells which is which; an end without a beginning is none.
func TestAttemptsAreToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		ctx, w := s.Begin(ctx, "inventory")
		start := func(attempt, copy int) context.Context {
			return w.AttemptStarted(ctx, ductile.AttemptStarted{Attempt: attempt, Copy: copy})
		}
		end := func(ctx context.Context, attempt, copy int, class fault.Class) {
			time.Sleep(msec)
			w.AttemptEnded(ctx, ductile.AttemptEnded{Attempt: attempt, Copy: copy, Class: class})
		}
		end(ctx, 3, 1, fault.ClassTimeout)
		a := start(1, 1)
		w.HedgeStarted(ctx, ductile.HedgeStarted{Attempt: 1, Copy: 2, After: time.Second})
		b := start(1, 3) // of which nothing was said
		c := start(1, 2)
		w.RetryScheduled(ctx, ductile.RetryScheduled{Attempt: 2, Wait: time.Minute, Class: fault.ClassOverload})
		d := start(2, 2)
		end(c, 1, 2, fault.ClassTransient)
		end(a, 1, 1, fault.ClassTimeout)
		end(d, 2, 2, fault.ClassSuccess)
		end(b, 1, 3, fault.ClassSuperseded)
		w.Ended(ctx, ductile.Ended{})
		assert.Equal(t, `inventory 0-5 call.attempts=4 call.retry_wait=60 call.copies=3 outcome=success
  inventory attempt 1-3 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=timeout error.type=timeout ERROR
  inventory attempt 1-2 attempt.number=1 attempt.copy=2 attempt.reason=hedge attempt.delay=1 outcome=transient error.type=transient ERROR
  inventory attempt 1-5 attempt.number=1 attempt.copy=3 attempt.reason=hedge attempt.delay=0 outcome=superseded
  inventory attempt 1-4 attempt.number=2 attempt.copy=2 attempt.reason=retry attempt.delay=60 attempt.cause=overload outcome=success
`, s.tree())
	})
}

// A change of a mode is one span, in however many pipelines it is, and none once they have all left. It has no caller whose sampling it
// could follow.
func TestTheSpanOfASafeMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, mode := newScene(t), safemode.New(safemode.Name("shop"))
		var p *ductile.Pipeline
		for range 3 {
			p = s.pipeline(fallback.Value(3), mode, mode.For(safemode.Degraded))
		}
		parent, request := s.tracers.Tracer("program").Start(ctx, "GET /")
		mode.Engage("disk is full")
		synctest.Wait()
		const change = "safe mode 0-0 policy.name=shop safemode.from=normal safemode.to=safe safemode.cause=hand\n"
		assert.Equal(t, change, s.tree())
		_, _ = ductile.Do(parent, p, s.script(fine))
		request.End()
		assert.Contains(t, s.tree(), `call.rejected_by=["shop"] safemode.level=safe call.degraded=true`)

		s.spans.Reset()
		s.leave()
		mode.Disengage()
		synctest.Wait()
		assert.Empty(t, s.tree())

		follows := newScene(t, telemetry.WithParentOnly())
		follows.pipeline(mode)
		none := newScene(t, telemetry.WithoutTraces())
		none.pipeline(mode)
		mode.Engage("again")
		synctest.Wait()
		assert.Empty(t, follows.tree())
		assert.Empty(t, none.tree())
	})
}
