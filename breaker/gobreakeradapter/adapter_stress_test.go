package gobreakeradapter_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/fault"
)

// tally is how many calls should be counted as what.
type tally struct{ successes, failures, exclusions atomic.Uint32 }

// crowd makes ten thousand calls, all at once, that end in every way there is, and returns what should come of them. exited is how a
// Goexit counts.
func crowd(by func(ctx context.Context, fn func(context.Context) error) error, want *tally, exited *atomic.Uint32) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for n := range 10_000 {
		ready.Add(1)
		done.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(n), 7))
			ready.Done()
			<-start
			ctx, leave := context.WithCancel(always)
			defer leave()
			defer func() { _ = recover() }()
			_ = by(ctx, func(context.Context) error {
				runtime.Gosched()
				switch rnd.IntN(7) {
				case 0:
					want.failures.Add(1)
					panic("fn's")
				case 1:
					exited.Add(1)
					runtime.Goexit()
				case 2:
					want.exclusions.Add(1)
					leave()
					return errDown
				case 3:
					want.exclusions.Add(1)
					return fault.ErrRejected
				case 4:
					want.failures.Add(1)
					return errDown
				case 5:
					want.successes.Add(1)
					return fault.Permanent(errOther)
				}
				want.successes.Add(1)
				return nil
			})
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// counting are Settings that count and never open.
var counting = gobreaker.Settings{
	ReadyToTrip: func(gobreaker.Counts) bool { return false },
	IsExcluded:  gobreakeradapter.Excluded, IsSuccessful: gobreakeradapter.Successful,
}

func (want *tally) check(t *testing.T, got gobreaker.Counts) {
	t.Helper()
	assert.Equal(t, uint32(10_000), got.Requests)
	assert.Equal(t, want.successes.Load(), got.TotalSuccesses)
	assert.Equal(t, want.failures.Load(), got.TotalFailures)
	assert.Equal(t, want.exclusions.Load(), got.TotalExclusions)
	assert.Equal(t, got.Requests, got.TotalSuccesses+got.TotalFailures+got.TotalExclusions, "each once")
}

// Every call is counted, once, as what it was.
func TestStressGateCounts(t *testing.T) {
	defer goleak.VerifyNone(t)
	cb := gobreaker.NewTwoStepCircuitBreaker[int](counting)
	p := ductile.New("p", gobreakeradapter.NewGate(cb))
	var want tally
	crowd(func(ctx context.Context, fn func(context.Context) error) error { return ductile.Run(ctx, p, fn) }, &want, &want.exclusions)
	want.check(t, cb.Counts())
}

func TestStressMiddlewareCounts(t *testing.T) {
	defer goleak.VerifyNone(t)
	cb := gobreaker.NewCircuitBreaker[int](counting)
	p := ductile.NewConcurrent("p", gobreakeradapter.NewMiddleware(cb))
	var want tally
	crowd(func(ctx context.Context, fn func(context.Context) error) error { return run(ctx, p, fn) }, &want, &want.failures)
	want.check(t, cb.Counts())
}

// A breaker that opens and closes all the time, under calls of every end, is left without a call that it waits for: it closes.
func TestStressPlacesComeBack(t *testing.T) {
	defer goleak.VerifyNone(t)
	settings := counting
	settings.ReadyToTrip, settings.Timeout, settings.MaxRequests = atOnce, time.Microsecond, 3
	two, one := gobreaker.NewTwoStepCircuitBreaker[int](settings), gobreaker.NewCircuitBreaker[int](settings)
	p := ductile.New("p", gobreakeradapter.NewGate(two))
	m := gobreakeradapter.NewMiddleware(one)
	for name, kind := range map[string]struct {
		by    func(ctx context.Context, fn func(context.Context) error) error
		state func() gobreaker.State
	}{
		"gate":       {func(ctx context.Context, fn func(context.Context) error) error { return ductile.Run(ctx, p, fn) }, two.State},
		"middleware": {m.Around, one.State},
	} {
		t.Run(name, func(t *testing.T) {
			var refused, admitted, unused atomic.Uint32
			var want tally
			crowd(func(ctx context.Context, fn func(context.Context) error) error {
				err := kind.by(ctx, func(ctx context.Context) error {
					admitted.Add(1)
					return fn(ctx)
				})
				if _, is := errors.AsType[*gobreakeradapter.RefusedError](err); is {
					refused.Add(1)
				}
				return err
			}, &want, &unused)
			assert.Equal(t, uint32(10_000), admitted.Load()+refused.Load()) // on one core it may be that none is refused
			for tries := 0; kind.state() != gobreaker.StateClosed; tries++ {
				if tries > 1_000_000 {
					t.Fatal("a place is lost: it refuses for ever")
				}
				_ = kind.by(always, func(context.Context) error { return nil })
			}
		})
	}
}
