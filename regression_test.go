package ductile_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// typedNil is Go's best-known mistake: an error that is not nil, and whose methods panic.
type typedNil struct{ inner error }

func (e *typedNil) Error() string { return e.inner.Error() }
func (e *typedNil) Unwrap() error { return e.inner }

// The end of a call was classified in the deferred function that gives the permit back. A typed nil made that panic, and the permit was
// gone: a one-slot bulkhead refused everything from then on, and a half-open breaker stayed so.
func TestRegressionTypedNilErrorKeepsThePermit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &turnstile{onAcquire: func() {}}
		b := breaker.New(breaker.Probes(1), breaker.ProbeLease(0), breaker.OpenTimeJitter(0))
		p := ductile.New("test", retry.New(), b, gate)
		open(t, ductile.New("test", b), b)
		time.Sleep(5 * time.Second)
		panicked, _ := contained(func() {
			_ = ductile.Run(t.Context(), p, func(context.Context) error { var e *typedNil; return e })
		})
		assert.NotNil(t, panicked, "the mistake is the caller's to see")
		assert.Zero(t, gate.inside)
		assert.Zero(t, b.Snapshot().Probing)
	})
}

// late is a gate that admits too late.
type late struct{ label }

func (late) Acquire(ctx context.Context) (uint64, error) { <-ctx.Done(); return 0, nil }
func (late) Release(uint64, error)                       {}

// A timeout inside that passed before the function was reached counted as the dependency's failure, and was repeated: a queue in
// front of a healthy dependency opened its breaker.
func TestRegressionTimeoutBeforeTheFunctionIsNobodysFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breaker.New(breaker.ConsecutiveFailures(1))
		tries := 0
		p := ductile.New("test", retry.New(retry.OnRetry(func(retry.Event) { tries++ })), b, timeout.New(time.Second), late{"queue"})
		err := ductile.Run(t.Context(), p, func(context.Context) error { panic("called") })
		require.ErrorIs(t, err, timeout.ErrExceeded)
		assert.Zero(t, b.Snapshot().Counts)
		assert.Zero(t, tries)
		_, err = ductile.Do(t.Context(), ductile.New("test", fallback.Value(7), b, timeout.New(time.Second), late{"queue"}), func(context.Context) (int, error) { panic("called") })
		require.NoError(t, err, "a fallback answers, as for any refusal")
	})
}

// The cause of a cancellation decided its class. errgroup cancels with the error of the call that failed, so that a breaker that had
// refused one call appeared to have refused all.
func TestRegressionTheCauseIsNotTheClass(t *testing.T) {
	isolated := breaker.New()
	isolated.Isolate("test")
	refused := ductile.Run(t.Context(), ductile.New("payments", isolated), func(context.Context) error { return nil })
	for _, cause := range []error{refused, fault.Permanent(errDown), fault.Transient(errDown), &timeout.Error{}} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		err := ductile.Run(ctx, ductile.New("inventory"), func(context.Context) error { return nil })
		assert.Equal(t, fault.ClassCanceled, fault.Of(err), cause)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause, "it can be found all the same")
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(refused) })
		p := ductile.New("test", retry.New(retry.Constant(time.Minute), retry.NoJitter()))
		err := ductile.Run(ctx, p, func(context.Context) error { return errDown })
		assert.Equal(t, fault.ClassCanceled, fault.Of(err), "in the backoff")
	})
}

// MinPatience excused every timeout of a caller with little time, and so blinded the breaker to the pipeline's own attempt timeouts.
func TestRegressionMinPatienceExcusesDeadlinesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breaker.New(breaker.MinPatience(2 * time.Second))
		p := ductile.New("test", b, timeout.New(100*time.Millisecond))
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_ = ductile.Run(ctx, p, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
			cancel()
		}
		assert.Equal(t, breaker.Open, b.State())
	})
}

// Printing a context read what Done was writing.
func TestRegressionContextsPrintThemselves(t *testing.T) {
	p := ductile.New("test", retry.New(retry.Constant(0)), timeout.New(time.Minute))
	_ = ductile.Run(t.Context(), p, func(ctx context.Context) error {
		done := make(chan struct{})
		go func() { defer close(done); ctx.Done() }()
		text := fmt.Sprintf("%v", ctx)
		<-done
		assert.Contains(t, text, ".WithTimeout(1m0s)")
		return errDown
	})
}

// A report said "gave up" of a call that an outer retry had saved, and its slices were the next reader's.
func TestRegressionReport(t *testing.T) {
	ctx, report := ductile.WithReport(t.Context())
	assert.False(t, report.Ended())
	assert.Equal(t, "no call has ended", report.String())
	inner, outer := ductile.WithReport(ctx)
	p := ductile.New("test", retry.New(retry.Constant(0)), retry.New(retry.Attempts(2), retry.Constant(0)))
	err := ductile.Run(inner, p, func(ctx context.Context) error {
		if attempt, _ := p.Attempt(ctx); attempt <= 2 {
			return errDown
		}
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, report.Stopped())
	report.Attempts()[0].Attempt = 99
	assert.Equal(t, 1, report.Attempts()[0].Attempt)
	assert.Equal(t, report.String(), outer.String(), "whoever asked gets it")
	assert.True(t, report.Ended())
}

// A fallback that failed was reported as one that had answered.
type liar struct{ label }

func (liar) Accepts(any) bool                                      { return true }
func (l liar) Recover(context.Context, error, any) (string, error) { return l.Name(), errDown }

func TestRegressionFailedFallbackDidNotAnswer(t *testing.T) {
	ctx, report := ductile.WithReport(t.Context())
	require.Error(t, ductile.Run(ctx, ductile.New("test", liar{"liar"}), func(context.Context) error { return errDown }))
	assert.False(t, report.Degraded())
}

// merged is a context that says it has ended before it closes Done, as contexts do that merge others.
type merged struct{ context.Context }

func (merged) Err() error { return context.Canceled }

// Under a timeout such a context was alive again, and the function was called.
func TestRegressionDeadContextStaysDeadUnderATimeout(t *testing.T) {
	p := ductile.New("test", timeout.New(time.Minute), retry.New())
	err := ductile.Run(merged{t.Context()}, p, func(context.Context) error { panic("called") })
	require.ErrorIs(t, err, context.Canceled)
}

// stumbling is an observer that panics.
type stumbling struct {
	ductile.NopWatch
	at string
}

func (s stumbling) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	s.fall("begin")
	return ctx, s
}

func (s stumbling) AttemptStarted(ctx context.Context, _ ductile.AttemptStarted) context.Context {
	s.fall("attempt started")
	return ctx
}

func (s stumbling) Ended(context.Context, ductile.Ended) { s.fall("ended") }

func (s stumbling) fall(at string) {
	if s.at == at {
		panic("observer")
	}
}

// An observer's panic kept the others from hearing of the end, and was charged to the dependency.
func TestRegressionObserverThatPanics(t *testing.T) {
	for _, at := range []string{"begin", "attempt started", "ended"} {
		for _, first := range []bool{true, false} {
			t.Run(fmt.Sprint(at, " ", first), func(t *testing.T) {
				var heard []string
				observers := []ductile.Observer{stumbling{at: at}, scribe{heard: &heard}}
				if !first {
					observers[0], observers[1] = observers[1], observers[0]
				}
				b := breaker.New()
				p := ductile.New("test", b).With(observers...)
				panicked, _ := contained(func() {
					_ = ductile.Run(t.Context(), p, func(context.Context) error { return nil })
				})
				assert.Equal(t, "observer", panicked)
				assert.Zero(t, b.Snapshot().Counts.Failures)
				if len(heard) > 0 { // whoever heard of the beginning hears of the end
					assert.Contains(t, heard[len(heard)-1], "end: ")
				}
			})
		}
	}
}

// A gate without a size was taken for the one before it.
type weightless struct{}

func (*weightless) Name() string                            { return "weightless" }
func (*weightless) Acquire(context.Context) (uint64, error) { return 0, nil }
func (*weightless) Release(uint64, error)                   {}

func TestRegressionGatesWithoutASize(t *testing.T) {
	assert.NotPanics(t, func() { ductile.New("test", &weightless{}, &weightless{}) })
}

// A gate's error that called itself a rejection was passed on though it did not match ErrRejected; and ErrRejected itself was transient.
func TestRegressionRejectionsMatch(t *testing.T) {
	own := fault.End(errors.New("no quota"), fault.ClassRejected)
	err := ductile.Run(t.Context(), ductile.New("test", refusal{own}), func(context.Context) error { return nil })
	require.ErrorIs(t, err, fault.ErrRejected)
	assert.Equal(t, fault.ClassRejected, fault.Of(fmt.Errorf("shed: %w", fault.ErrRejected)))
}

// A third party's Exceeded that returned nil made a success of a failure.
type forgiving struct{ label }

func (forgiving) Timeout(context.Context) time.Duration { return time.Second }
func (forgiving) Exceeded(time.Duration, error) error   { return nil }

func TestRegressionFailureStaysOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := ductile.Run(t.Context(), ductile.New("test", forgiving{"limit"}), func(context.Context) error {
			time.Sleep(time.Minute)
			return errDown
		})
		require.ErrorIs(t, err, errDown)
	})
}

// A timeout that passed was not the error where the caller had gone, too, by the time the function returned.
func TestRegressionWhicheverEndedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ductile.New("test", timeout.New(100*time.Millisecond))
		for _, heeds := range []bool{true, false} {
			for _, goes := range []bool{true, false} {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				if goes {
					time.AfterFunc(time.Second/2, cancel)
				}
				err := ductile.Run(ctx, p, func(ctx context.Context) error {
					if heeds {
						<-ctx.Done()
					}
					time.Sleep(2 * time.Second)
					return errDown
				})
				cancel()
				if heeds || !goes { // where nobody asked for Done, nobody knows which came first
					require.ErrorIs(t, err, timeout.ErrExceeded)
				}
			}
		}
	})
}
