package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
	"github.com/failsafe-go/failsafe-go"
	failsafebudget "github.com/failsafe-go/failsafe-go/budget"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	failsafetimeout "github.com/failsafe-go/failsafe-go/timeout"
)

// ductileRetrying returns clients with our real retry, and a timeout for each attempt.
func ductileRetrying(options ...retry.Option) func(seed uint64) metastableClient {
	return func(seed uint64) metastableClient {
		again := retry.New(options...)
		again.DrawFrom(newSource(seed, 1))
		p := ductile.New("server", again, timeout.New(3*time.Second))
		return func(ctx context.Context, attempt func(context.Context) error) error {
			return ductile.Run(ctx, p, attempt)
		}
	}
}

// failsafeRetrying returns clients with failsafe-go's.
func failsafeRetrying(backoff bool, bounded func() failsafebudget.Budget) func(seed uint64) metastableClient {
	return func(uint64) metastableClient {
		b := retrypolicy.NewBuilder[any]()
		if backoff {
			b = b.WithBackoff(50*time.Millisecond, 2500*time.Millisecond).WithJitterFactor(1)
		}
		if bounded != nil {
			b = b.WithBudget(bounded())
		}
		e := failsafe.With[any](b.Build(), failsafetimeout.New[any](3*time.Second))
		return func(ctx context.Context, attempt func(context.Context) error) error {
			return e.WithContext(ctx).RunWithExecution(func(x failsafe.Execution[any]) error { return attempt(x.Context()) })
		}
	}
}

// A congested server takes longer the more it has to do.
type congested struct {
	inside atomic.Int64
	dice   *rand.Rand // safe for concurrent use
	all    sync.WaitGroup
}

func (s *congested) network() {
	time.Sleep(time.Duration(s.dice.ExpFloat64() * 0.1 * float64(time.Second)))
}

// ask is one attempt. The server does not know whether somebody waits for it.
func (s *congested) ask(ctx context.Context) error {
	answer := make(chan struct{})
	s.all.Go(func() {
		s.network()
		time.Sleep(time.Second + time.Duration(s.inside.Add(1))*10*time.Millisecond)
		s.inside.Add(-1)
		s.network()
		close(answer)
	})
	select {
	case <-answer:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// spike has clients call a server that takes longer the more it has to do.
func spike(seed uint64, peak float64, call metastableClient) (c collapse) {
	var mu sync.Mutex
	server := &congested{dice: rand.New(newSource(seed, 2))}
	begin := time.Now()
	count := func(of *[metastableRun]float64, second int) {
		if second < metastableRun {
			mu.Lock()
			of[second]++
			mu.Unlock()
		}
	}
	now := func() int { return int(time.Since(begin) / time.Second) }
	poisson(newSource(seed, 3), metastableRun, func(at float64) float64 {
		if at >= spikeBegins && at < spikeEnds {
			return peak
		}
		return 40
	}, func() {
		second := now()
		count(&c.begun, second)
		server.all.Go(func() {
			err := call(context.Background(), func(ctx context.Context) error {
				count(&c.attempts, now())
				count(&c.calls, second)
				return server.ask(ctx)
			})
			if err == nil {
				count(&c.answered, second)
			}
		})
	})
	server.all.Wait()
	return c
}

// poisson calls arrive at random times for so many seconds, at a rate that may change.
func poisson(s rand.Source, seconds float64, rate func(at float64) float64, arrive func()) {
	dice := rand.New(s)
	for at := 0.0; ; {
		wait := dice.ExpFloat64() / rate(at)
		if at += wait; at >= seconds {
			return
		}
		time.Sleep(time.Duration(wait * float64(time.Second)))
		arrive()
	}
}

// recovered returns how many seconds after the spike the last second was in whose calls, with those of the next four, fewer than 95 %
// were answered.
func (c *collapse) recovered() float64 {
	for i := metastableRun - 10; i >= spikeEnds; i-- {
		if sum(c.answered[i:i+5]) < 0.95*sum(c.begun[i:i+5]) {
			if i == metastableRun-10 {
				return metastableRun - spikeEnds // it has not
			}
			return float64(i + 1 - spikeEnds)
		}
	}
	return 0
}

// peak returns the highest ratio of attempts to first attempts over 10 s.
func (c *collapse) peak() (highest float64) {
	for i := range metastableRun - 20 {
		highest = max(highest, sum(c.calls[i:i+10])/sum(c.begun[i:i+10]))
	}
	return highest
}

func sum(values []float64) (s float64) {
	for _, v := range values {
		s += v
	}
	return s
}

func highest(values []float64) (h float64) {
	for _, v := range values {
		h = max(h, v)
	}
	return h
}

// percent returns 100 for true.
func percent(ok bool) float64 {
	if ok {
		return 100
	}
	return 0
}

// overTime returns the line of a mean over the seeds, second by second.
func overTime[T any](name string, reference bool, runs []T, of func(T) []float64) Line {
	line := Line{Name: name, Reference: reference}
	for i := range of(runs[0]) {
		line.X = append(line.X, float64(i)+0.5)
		line.Y = append(line.Y, over(runs, func(r T) float64 { return of(r)[i] }).Mean)
	}
	return line
}
