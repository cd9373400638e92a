package ductile_test

import (
	"context"
	"fmt"
	"strings"
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

// scribe writes down what it hears, in a line for each event.
type scribe struct {
	ductile.NopWatch
	heard *[]string
}

func (s scribe) write(format string, args ...any) {
	*s.heard = append(*s.heard, fmt.Sprintf(format, args...))
}

type spanKey struct{}

func (s scribe) Begin(ctx context.Context, pipeline string) (context.Context, ductile.Watch) {
	s.write("begin %s", pipeline)
	return context.WithValue(ctx, spanKey{}, "call"), s
}

func (s scribe) AttemptStarted(ctx context.Context, e ductile.AttemptStarted) context.Context {
	s.write("attempt %d.%d starts within %v", e.Attempt, e.Copy, ctx.Value(spanKey{}))
	return context.WithValue(ctx, spanKey{}, fmt.Sprint("attempt ", e.Attempt))
}

func (s scribe) AttemptEnded(_ context.Context, e ductile.AttemptEnded) {
	s.write("attempt %d.%d ends: %v", e.Attempt, e.Copy, e.Class)
}

func (s scribe) Rejected(_ context.Context, e ductile.Rejected) { s.write("rejected by %s", e.Policy) }

func (s scribe) RetryScheduled(_ context.Context, e ductile.RetryScheduled) {
	s.write("%s: attempt %d in %v for %v", e.Policy, e.Attempt, e.Wait, e.Class)
}

func (s scribe) RetryStopped(_ context.Context, e ductile.RetryStopped) {
	s.write("%s: stops after %d: %v", e.Policy, e.Attempts, e.Reason)
}

func (s scribe) TimedOut(_ context.Context, e ductile.TimedOut) {
	s.write("%s: %v passed", e.Policy, e.After)
}

func (s scribe) FellBack(_ context.Context, e ductile.FellBack) {
	s.write("%s: %q answers for %v, %v", e.Policy, e.By, e.Class, e.Err)
}

func (s scribe) Ended(_ context.Context, e ductile.Ended) { s.write("end: %v", e.Class) }

func TestObserverHearsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard []string
		p := ductile.New("inventory",
			fallback.Value(-1, fallback.Name("default")),
			retry.New(retry.Constant(time.Second), retry.NoJitter()),
			breaker.New(breaker.ConsecutiveFailures(2), breaker.OpenTimeJitter(0)),
			timeout.New(time.Minute),
		).With(scribe{heard: &heard})
		_, err := ductile.Do(t.Context(), p, func(ctx context.Context) (int, error) {
			if attempt, _ := p.Attempt(ctx); attempt == 1 {
				assert.Equal(t, "attempt 1", ctx.Value(spanKey{}), "what is inside nests under its attempt")
				<-ctx.Done()
				return 0, ctx.Err()
			}
			return 0, fault.Overload(errDown, 0)
		})
		require.NoError(t, err)
		assert.Equal(t, []string{
			"begin inventory",
			"attempt 1.1 starts within call",
			"attempt 1.1 ends: timeout",
			"timeout: 1m0s passed",
			"retry: attempt 2 in 1s for timeout",
			"attempt 2.1 starts within call",
			"attempt 2.1 ends: overload",
			"retry: attempt 3 in 1s for overload",
			"rejected by breaker",
			"retry: stops after 2: breaker is open: too many calls in a row failed; next probe in 4s",
			`default: "default" answers for overload, <nil>`,
			"end: success",
		}, heard)
	})
}

func TestObserversHearTheRealClass(t *testing.T) {
	for _, test := range []struct {
		name string
		fn   func(context.CancelFunc) error
		want fault.Class
	}{
		{"someone else's cancellation", func(context.CancelFunc) error { return context.Canceled }, fault.ClassTransient},
		{"the caller's", func(cancel context.CancelFunc) error { cancel(); return errDown }, fault.ClassCanceled},
		{"a panic", func(context.CancelFunc) error { panic("boom") }, fault.ClassAborted},
		{"an answer", func(context.CancelFunc) error { return fault.Permanent(errDown) }, fault.ClassPermanent},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ctx, report := ductile.WithReport(ctx)
			contained(func() {
				_ = ductile.Run(ctx, ductile.New("test"), func(context.Context) error { return test.fn(cancel) })
			})
			require.Len(t, report.Attempts(), 1)
			assert.Equal(t, test.want, report.Attempts()[0].Class)
			assert.Equal(t, test.want, report.End().Class)
		})
	}
}

func TestSeveralObservers(t *testing.T) {
	var first, second []string
	p := ductile.New("test").With(scribe{heard: &first}, indifferent{}).With(scribe{heard: &second})
	require.NoError(t, ductile.Run(t.Context(), p, func(context.Context) error { return nil }))
	assert.Len(t, first, 4)
	assert.Len(t, second, 4)
}

// gauge is an observer that wants to know its pipelines.
type gauge struct {
	indifferent
	attached *[]string
}

func (g gauge) Attach(p ductile.Composed) func() {
	*g.attached = append(*g.attached, p.Name())
	return func() { *g.attached = (*g.attached)[:len(*g.attached)-1] }
}

func TestAttachAndDetach(t *testing.T) {
	var attached []string
	p := ductile.New("test")
	watched := p.With(gauge{attached: &attached})
	assert.Equal(t, []string{"test"}, attached, "before the first call")
	p.Detach()
	assert.Len(t, attached, 1, "another copy is another matter")
	again := watched.With(indifferent{})
	again.Detach()
	assert.Len(t, attached, 1, "what was attached to another copy stays so")
	watched.Detach()
	assert.Empty(t, attached)
}

// The marks of the driver are for policies. What the caller and the listeners get is the error as it was.
func TestMarksAreTakenOff(t *testing.T) {
	wrapped := fmt.Errorf("asking: %w", errDown)
	for name, fn := range map[string]func(context.CancelFunc) error{
		"someone else's cancellation": func(context.CancelFunc) error { return context.Canceled },
		"the caller's":                func(cancel context.CancelFunc) error { cancel(); return wrapped },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var told, cause error
			p := ductile.New("test",
				fallback.Func(func(_ context.Context, err error) (struct{}, error) { cause = err; return struct{}{}, err }),
				retry.New(retry.Attempts(2), retry.Constant(0), retry.OnRetry(func(e retry.Event) { told = e.Err })),
				breaker.New())
			var original error
			err := ductile.Run(ctx, p, func(context.Context) error { original = fn(cancel); return original })
			require.ErrorIs(t, err, original)
			for _, seen := range []error{told, cause, err} {
				assert.NotContains(t, chain(seen), "*fault.end")
			}
		})
	}
}

// chain returns the types of an error and of what it wraps.
func chain(err error) string {
	switch e := err.(type) { //nolint:errorlint // this is the walk
	case interface{ Unwrap() error }:
		return fmt.Sprintf("%T ", err) + chain(e.Unwrap())
	case interface{ Unwrap() []error }:
		types := []string{fmt.Sprintf("%T", err)}
		for _, branch := range e.Unwrap() {
			types = append(types, chain(branch))
		}
		return strings.Join(types, " ")
	default:
		return fmt.Sprintf("%T ", err)
	}
}
