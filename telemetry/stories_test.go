package telemetry_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/safemode"
	"github.com/ductile-go/ductile/timeout"
)

const msec = time.Millisecond

var down, fine = step{msec, errDown}, step{msec, nil}

func retries(options ...retry.Option) *retry.Policy {
	return retry.New(append([]retry.Option{retry.Constant(100 * msec), retry.NoJitter()}, options...)...)
}

func trips() *breaker.Breaker {
	return breaker.New(breaker.ConsecutiveFailures(1), breaker.OpenTime(time.Minute), breaker.OpenTimeJitter(0))
}

// switches returns a safe mode that engages at the first failure, for a minute, and comes back by a probe and a step of a second.
func switches() *safemode.Mode {
	return safemode.New(safemode.Automatic(
		safemode.MinCalls(1), safemode.Sustain(0), safemode.EngagedFor(time.Minute), safemode.EngagedJitter(0),
		safemode.Probes(1), safemode.Steps(1), safemode.StepAtLeast(time.Second, 1),
	))
}

// A story is what happens in a call or a few, and the spans of it.
type story struct {
	name string
	tell func(s *scene)
	tree string // of spans: see scene.tree
}

// told tells a story.
func told(t *testing.T, name string, s *scene) *scene {
	t.Helper()
	i := slices.IndexFunc(stories, func(is story) bool { return is.name == name })
	require.GreaterOrEqual(t, i, 0, "no story %q", name)
	stories[i].tell(s)
	return s
}

func (s *scene) do(p *ductile.Pipeline, steps ...step) { _, _ = ductile.Do(ctx, p, s.script(steps...)) }

func (s *scene) doConcurrent(p ductile.Composed, steps ...step) {
	_, _ = ductile.DoConcurrent(ctx, p, s.script(steps...))
}

var stories = []story{
	{"a success", func(s *scene) { s.do(s.pipeline(retries(), trips()), fine) }, `
inventory 0-1 call.attempts=1 outcome=success
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
    GET 0-1
`},
	{"no policy", func(s *scene) { s.do(s.pipeline(), fine) }, `
inventory 0-1 call.attempts=1 outcome=success
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
    GET 0-1
`},
	{"retry around breaker", func(s *scene) {
		s.do(s.pipeline(retries(), breaker.New()), down, step{msec, fault.Overload(errDown, 0)}, fine)
	}, `
inventory 0-1103 call.attempts=3 call.retry_wait=1.1 outcome=success
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
  inventory attempt 101-102 attempt.number=2 attempt.copy=1 attempt.reason=retry attempt.delay=0.1 attempt.cause=transient outcome=overload error.type=overload ERROR
    GET 101-102
  inventory attempt 1102-1103 attempt.number=3 attempt.copy=1 attempt.reason=retry attempt.delay=1 attempt.cause=overload outcome=success
    GET 1102-1103
`},
	{"rejection on the second attempt", func(s *scene) { s.do(s.pipeline(retries(), trips()), down) }, `
inventory 0-101 call.attempts=1 call.rejected_by=["breaker"] call.retry_wait=0.1 call.retry_stopped=rejected outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"fallback on open", func(s *scene) {
		p := s.pipeline(fallback.Value(3), trips())
		s.do(p, down)
		s.do(p, down)
	}, `
inventory 0-1 call.attempts=1 call.degraded=true call.answered_by=fallback call.answered_for=transient outcome=degraded
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
inventory 1-1 call.attempts=0 call.rejected_by=["breaker"] call.degraded=true call.answered_by=fallback call.answered_for=rejected outcome=degraded
`},
	{"open, without a fallback", func(s *scene) {
		b := breaker.New(breaker.Name("gate"))
		p := s.pipeline(b)
		b.Isolate("secret maintenance")
		s.do(p, fine)
		b.Reset()
		synctest.Wait()
	}, `
inventory 0-0 call.attempts=0 call.rejected_by=["gate"] outcome=rejected error.type=rejected ERROR
`},
	{"a safe mode", func(s *scene) {
		mode := switches()
		p := s.pipeline(fallback.Value(3), mode)
		s.do(p, down)
		s.do(p, fine)
		mode.Engage("secret maintenance")
		mode.Disengage()
		s.do(p, fine)
		synctest.Wait()
	}, `
inventory 0-1 call.attempts=1 call.degraded=true call.answered_by=fallback call.answered_for=transient outcome=degraded
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
inventory 1-1 call.attempts=0 call.rejected_by=["safemode"] safemode.level=degraded call.degraded=true call.answered_by=fallback call.answered_for=rejected outcome=degraded
inventory 1-2 call.attempts=1 outcome=success
  inventory attempt 1-2 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
    GET 1-2
safe mode 1-1 policy.name=safemode safemode.from=degraded safemode.to=safe safemode.cause=hand
safe mode 1-1 policy.name=safemode safemode.from=normal safemode.to=degraded safemode.cause=failures
safe mode 1-1 policy.name=safemode safemode.from=safe safemode.to=normal safemode.cause=handed_back
`},
	{"a chain of fallbacks", func(s *scene) {
		fails := fallback.Func(func(context.Context, error) (int, error) { return 0, errDown }, fallback.Name("cache"))
		s.do(s.pipeline(fallback.Chain([]*fallback.Policy{fails, fallback.Value(3, fallback.Name("zero"))}, fallback.Name("answers"))), down)
	}, `
inventory 0-1 call.attempts=1 call.degraded=true call.answered_by=zero call.answered_for=transient outcome=degraded
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"a fallback that fails", func(s *scene) {
		fails := fallback.Func(func(context.Context, error) (int, error) { return 0, errDown }, fallback.Name("cache"))
		s.do(s.pipeline(fails), down)
	}, `
inventory 0-1 call.attempts=1 call.fallback_failed=["cache"] outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"a hedge that wins", func(s *scene) {
		s.doConcurrent(s.concurrent(hedge.New(hedge.After(10*msec), hedge.Budget(budget.Unlimited()))), step{time.Second, nil}, fine)
	}, `
inventory 0-11 call.attempts=2 call.copies=2 call.won_by=2 outcome=success
  inventory attempt 0-11 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=superseded
    GET 0-11
  inventory attempt 10-11 attempt.number=1 attempt.copy=2 attempt.reason=hedge attempt.delay=0.01 outcome=success
    GET 10-11
`},
	{"a hedge that loses", func(s *scene) {
		s.doConcurrent(s.concurrent(hedge.New(hedge.After(10*msec), hedge.Budget(budget.Unlimited()))), step{15 * msec, nil}, step{time.Second, nil})
		synctest.Wait()
	}, `
inventory 0-15 call.attempts=2 call.copies=2 call.won_by=1 outcome=success
  inventory attempt 0-15 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
    GET 0-15
  inventory attempt 10-15 attempt.number=1 attempt.copy=2 attempt.reason=hedge attempt.delay=0.01 outcome=superseded
    GET 10-15
`},
	{"a hedge that fails", func(s *scene) {
		s.doConcurrent(s.concurrent(hedge.New(hedge.After(10*msec), hedge.Budget(budget.Unlimited()))), down, down)
	}, `
inventory 0-2 call.attempts=2 call.copies=2 outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
  inventory attempt 1-2 attempt.number=1 attempt.copy=2 attempt.reason=hedge attempt.delay=0.001 attempt.cause=transient outcome=transient error.type=transient ERROR
    GET 1-2
`},
	{"hedge in retry", func(s *scene) {
		h := hedge.New(hedge.After(10*msec), hedge.Budget(budget.Unlimited()))
		s.doConcurrent(s.concurrent(retries(), h), step{15 * msec, errDown}, step{15 * msec, errDown}, step{15 * msec, nil}, fine)
	}, `
inventory 0-136 call.attempts=4 call.retry_wait=0.1 call.copies=2 call.won_by=2 outcome=success
  inventory attempt 0-15 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-15
  inventory attempt 10-25 attempt.number=1 attempt.copy=2 attempt.reason=hedge attempt.delay=0.01 outcome=transient error.type=transient ERROR
    GET 10-25
  inventory attempt 125-136 attempt.number=2 attempt.copy=1 attempt.reason=retry attempt.delay=0.1 attempt.cause=transient outcome=superseded
    GET 125-136
  inventory attempt 135-136 attempt.number=2 attempt.copy=2 attempt.reason=hedge attempt.delay=0.01 outcome=success
    GET 135-136
`},
	{"a loser that fails late", func(s *scene) {
		p := s.concurrent(hedge.New(hedge.After(10*msec), hedge.Budget(budget.Unlimited())))
		steps := s.script(fine)
		_, _ = ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int, error) {
			if _, copy := p.Attempt(ctx); copy == 1 {
				time.Sleep(time.Second) // deaf
				return 0, errDown
			}
			return steps(ctx)
		}, ductile.Async)
		time.Sleep(time.Minute) // the call is over, and the loser is not
	}, `
inventory 0-11 call.attempts=2 call.copies=2 call.won_by=2 outcome=success
  inventory attempt 0-1000 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=superseded
  inventory attempt 10-11 attempt.number=1 attempt.copy=2 attempt.reason=hedge attempt.delay=0.01 outcome=success
    GET 10-11
`},
	{"losers that panic", func(s *scene) {
		p := s.concurrent(retries(), hedge.New(hedge.After(10*msec), hedge.Budget(budget.Unlimited())))
		_, _ = ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int, error) {
			attempt, copy := p.Attempt(ctx)
			if copy == 2 {
				<-ctx.Done()
				time.Sleep(msec) // until the call has ended for certain
				panic("secret")
			}
			time.Sleep(15 * msec)
			return 7, []error{fault.Permanent(errDown), nil}[attempt-1]
		})
		time.Sleep(msec)
		synctest.Wait()
	}, `
inventory 0-15 call.attempts=2 call.copies=2 call.won_by=1 outcome=permanent
  inventory attempt 0-15 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=permanent
  inventory attempt 10-16 attempt.number=1 attempt.copy=2 attempt.reason=hedge attempt.delay=0.01 outcome=panic error.type=panic ERROR
`},
	{"a panic that is contained while the call goes on", func(s *scene) {
		p := s.concurrent(retries(), timeout.New(20*msec, timeout.Detached()))
		_, _ = ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int, error) {
			if attempt, _ := p.Attempt(ctx); attempt == 1 {
				time.Sleep(30 * msec)
				panic(errDown)
			}
			return 7, nil
		})
	}, `
inventory 0-120 call.attempts=2 call.timed_out=["timeout"] call.retry_wait=0.1 call.contained_panics=1 outcome=success
  inventory attempt 0-30 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=panic error.type=panic ERROR
  inventory attempt 120-120 attempt.number=2 attempt.copy=1 attempt.reason=retry attempt.delay=0.1 attempt.cause=timeout outcome=success
`},
	{"a detached timeout", func(s *scene) {
		_, _ = ductile.DoConcurrent(ctx, s.concurrent(timeout.New(20*msec, timeout.Detached())), func(context.Context) (int, error) {
			time.Sleep(time.Second)
			return 0, errDown
		})
		time.Sleep(time.Minute)
	}, `
inventory 0-20 call.attempts=1 call.timed_out=["timeout"] outcome=timeout error.type=timeout ERROR
  inventory attempt 0-1000 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=timeout error.type=timeout ERROR
`},
	{"a timeout for each attempt", func(s *scene) {
		s.do(s.pipeline(retries(retry.Attempts(2)), timeout.New(20*msec, timeout.Name("attempt timeout"))), step{time.Second, nil})
	}, `
inventory 0-140 call.attempts=2 call.timed_out=["attempt timeout"] call.retry_wait=0.1 call.retry_stopped=attempts outcome=timeout error.type=timeout ERROR
  inventory attempt 0-20 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=timeout error.type=timeout ERROR
    GET 0-20
  inventory attempt 120-140 attempt.number=2 attempt.copy=1 attempt.reason=retry attempt.delay=0.1 attempt.cause=timeout outcome=timeout error.type=timeout ERROR
    GET 120-140
`},
	{"the caller's cancellation", func(s *scene) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(10*msec, cancel)
		_, _ = ductile.Do(ctx, s.pipeline(fallback.Value(3), retries(), trips()), s.script(step{time.Second, nil}))
	}, `
inventory 0-10 call.attempts=1 outcome=canceled
  inventory attempt 0-10 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=canceled
    GET 0-10
`},
	{"the caller's cancellation of a wait", func(s *scene) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(10*msec, cancel)
		_, _ = ductile.Do(ctx, s.pipeline(retries()), s.script(down))
	}, `
inventory 0-10 call.attempts=1 call.retry_wait=0.1 call.retry_stopped=canceled outcome=canceled
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"a caller that has gone", func(s *scene) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		_, _ = ductile.Do(ctx, s.pipeline(), s.script(fine))
	}, `
inventory 0-0 call.attempts=0 outcome=canceled
`},
	{"the caller's deadline", func(s *scene) {
		ctx, cancel := context.WithTimeout(ctx, 10*msec)
		defer cancel()
		_, _ = ductile.Do(ctx, s.pipeline(retries()), s.script(step{time.Second, nil}))
	}, `
inventory 0-10 call.attempts=1 call.retry_stopped=deadline outcome=timeout error.type=timeout ERROR
  inventory attempt 0-10 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=timeout error.type=timeout ERROR
    GET 0-10
`},
	{"a panic", func(s *scene) {
		assert.Panics(s, func() {
			_, _ = ductile.Do(ctx, s.pipeline(retries(), trips()), func(context.Context) (int, error) { time.Sleep(msec); panic("secret") })
		})
	}, `
inventory 0-1 call.attempts=1 outcome=panic error.type=panic ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=panic error.type=panic ERROR
`},
	{"Goexit", func(s *scene) {
		var exits sync.WaitGroup
		exits.Go(func() {
			_, _ = ductile.Do(ctx, s.pipeline(retries()), func(context.Context) (int, error) { time.Sleep(msec); runtime.Goexit(); return 0, nil })
		})
		exits.Wait()
	}, `
inventory 0-1 call.attempts=1 outcome=exited
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=exited
`},
	{"an answer that is no", func(s *scene) { s.do(s.pipeline(retries()), step{msec, fault.Permanent(errDown)}) }, `
inventory 0-1 call.attempts=1 outcome=permanent
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=permanent
    GET 0-1
`},
	{"an error that says nothing", func(s *scene) { s.do(s.pipeline(retries()), step{msec, fault.Ignore(errDown)}) }, `
inventory 0-1 call.attempts=1 outcome=ignored
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=ignored
    GET 0-1
`},
	{"a class that nobody knows", func(s *scene) { s.do(s.pipeline(), step{msec, odd{}}) }, `
inventory 0-1 call.attempts=1 outcome=unknown
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=unknown
    GET 0-1
`},
	{"a retry without a budget", func(s *scene) { s.do(s.pipeline(retries(retry.Budget(budget.None()))), down) }, `
inventory 0-1 call.attempts=1 call.retry_stopped=budget outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"a retry that would take too long", func(s *scene) { s.do(s.pipeline(retries(retry.Elapsed(50*msec))), down) }, `
inventory 0-1 call.attempts=1 call.retry_stopped=elapsed outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"a retry that was told to come back in an hour", func(s *scene) {
		s.do(s.pipeline(retries()), step{msec, fault.Overload(errDown, time.Hour)})
	}, `
inventory 0-1 call.attempts=1 call.retry_stopped=hint outcome=overload error.type=overload ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=overload error.type=overload ERROR
    GET 0-1
`},
	{"a retry that was told not to come back", func(s *scene) { s.do(s.pipeline(retries()), step{msec, goAway{}}) }, `
inventory 0-1 call.attempts=1 call.retry_stopped=pushback outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"a retry whose schedule is over", func(s *scene) {
		s.do(s.pipeline(retry.New(retry.Schedule(func(int) time.Duration { return -1 }))), down)
	}, `
inventory 0-1 call.attempts=1 call.retry_stopped=schedule outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"a retry with a mind of its own", func(s *scene) { s.do(s.pipeline(quits{errors.New("secret reason")}), down) }, `
inventory 0-1 call.attempts=1 call.retry_stopped=other outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"a retry with a clock of its own", func(s *scene) { s.do(s.pipeline(quits{context.DeadlineExceeded}), down) }, `
inventory 0-1 call.attempts=1 call.retry_stopped=timeout outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
`},
	{"the life of a breaker", func(s *scene) {
		b := trips()
		p := s.pipeline(b)
		s.do(p, down)
		time.Sleep(time.Minute)
		s.do(p, fine)
		b.Isolate("secret maintenance")
		b.ForceClosed()
		b.Reset()
		synctest.Wait()
	}, `
inventory 0-1 call.attempts=1 outcome=transient error.type=transient ERROR
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
inventory 60001-60002 call.attempts=1 outcome=success
  inventory attempt 60001-60002 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
    GET 60001-60002
`},
	{"a bulkhead that is full", func(s *scene) {
		p := s.pipeline(bulkhead.New(1, bulkhead.Queue(1, 5*msec)), ratelimit.New(1, 10))
		var held sync.WaitGroup
		held.Go(func() { s.do(p, step{10 * msec, nil}) })
		synctest.Wait()
		s.do(p, fine)
		held.Wait()
	}, `
inventory 0-5 call.attempts=0 call.rejected_by=["bulkhead"] outcome=rejected error.type=rejected ERROR
inventory 0-10 call.attempts=1 outcome=success
  inventory attempt 0-10 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
    GET 0-10
`},
	{"nested pipelines", func(s *scene) {
		outer := ductile.New("checkout", retries()).With(s.Observer)
		s.made = append(s.made, outer)
		inner, steps := s.pipeline(trips()), s.script(fine)
		_, _ = ductile.Do(ctx, outer, func(ctx context.Context) (int, error) { return ductile.Do(ctx, inner, steps) })
	}, `
checkout 0-1 call.attempts=1 outcome=success
  checkout attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
    inventory 0-1 call.attempts=1 outcome=success
      inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
        GET 0-1
`},
	{"a middleware that calls twice", func(s *scene) { s.doConcurrent(s.concurrent(twice{}), down, fine) }, `
inventory 0-2 call.attempts=2 outcome=success
  inventory attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=transient error.type=transient ERROR
    GET 0-1
  inventory attempt 1-2 attempt.number=2 attempt.copy=1 attempt.reason=retry attempt.delay=0 outcome=success
    GET 1-2
`},
	{"a pipeline without a name", func(s *scene) {
		p := ductile.New("").With(s.Observer)
		s.made = append(s.made, p)
		s.do(p, fine)
	}, `
call 0-1 call.attempts=1 outcome=success
  attempt 0-1 attempt.number=1 attempt.copy=1 attempt.reason=first outcome=success
    GET 0-1
`},
}

// odd is an error of a class that does not exist.
type odd struct{}

func (odd) Error() string      { return "secret" }
func (odd) Fault() fault.Class { return 200 }

// goAway is a failure after which the dependency wants no repeat.
type goAway struct{}

func (goAway) Error() string                   { return "secret" }
func (goAway) Pushback() (time.Duration, bool) { return -1, true }

// quits is a retrier that never repeats, for a reason of its own.
type quits struct{ why error }

func (quits) Name() string { return "quits" }
func (quits) Start() any   { return nil }
func (q quits) Next(any, int, error, time.Duration) (time.Duration, error) {
	return 0, q.why
}
func (quits) Settle(any, int, int, time.Duration, error) {}

// twice is a middleware that calls again.
type twice struct{}

func (twice) Name() string { return "twice" }
func (twice) Around(ctx context.Context, next func(context.Context) error) error {
	_ = next(ctx)
	return next(ctx)
}
