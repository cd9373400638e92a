package bulkhead_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ductile-go/ductile/bulkhead"
)

// Random traffic in virtual time: calls that arrive independently of each other, as those of many users do.

type traffic struct {
	calls   int
	rate    float64 // a second, on average
	seed    uint64
	service func(dice *rand.Rand, at time.Duration) time.Duration // how long a call takes that begins now
	// patience is how long a caller will wait; nil for ever.
	patience func(dice *rand.Rand) time.Duration
}

// A story is what became of one call.
type story struct {
	arrived  time.Duration // since the traffic began
	patience time.Duration
	admitted time.Duration // since the traffic began, where it was
	full     *bulkhead.FullError
}

func (s story) waited() time.Duration {
	if s.full != nil {
		return s.full.Waited
	}
	return s.admitted - s.arrived
}

// through sends the traffic through a bulkhead, and returns each call's story, in the order of their arrival. It runs in a synctest
// bubble, and only one goroutine does anything at a time, so that the same dice give the same stories.
func (f traffic) through(b *bulkhead.Bulkhead) []story {
	dice := rand.New(rand.NewPCG(f.seed, 1))
	stories := make([]story, f.calls)
	var calls sync.WaitGroup
	start := time.Now()
	for i := range stories {
		time.Sleep(exponential(dice, 1/f.rate))
		s := &stories[i]
		s.arrived = time.Since(start)
		work := f.service(dice, s.arrived)
		ctx, cancel := always, context.CancelFunc(func() {})
		if f.patience != nil {
			s.patience = f.patience(dice)
			ctx, cancel = context.WithTimeout(ctx, s.patience)
		}
		calls.Go(func() {
			defer cancel()
			token, err := b.Acquire(ctx)
			if err != nil {
				s.full, _ = err.(*bulkhead.FullError) //nolint:errorlint // it is made here
				return
			}
			defer b.Release(token, nil)
			s.admitted = time.Since(start)
			time.Sleep(work)
		})
	}
	calls.Wait()
	return stories
}

// exponential draws a time of so many seconds on average.
func exponential(dice *rand.Rand, mean float64) time.Duration {
	return time.Duration(dice.ExpFloat64() * mean * float64(time.Second))
}

// taking returns service times that do not depend on when a call begins.
func taking(draw func(dice *rand.Rand) time.Duration) func(*rand.Rand, time.Duration) time.Duration {
	return func(dice *rand.Rand, _ time.Duration) time.Duration { return draw(dice) }
}

// estimate returns the mean of a measure over stories, and its standard error. Stories that follow each other are alike (a refused call
// is followed by others), so the error is that of the means of a few long batches, which are not.
func estimate(stories []story, measure func(story) float64) (mean, standardError float64) {
	const batches = 40
	size := len(stories) / batches
	var means [batches]float64
	for i := range means {
		for _, s := range stories[i*size : (i+1)*size] {
			means[i] += measure(s) / float64(size)
		}
		mean += means[i] / batches
	}
	var squares float64
	for _, m := range means {
		squares += (m - mean) * (m - mean)
	}
	return mean, math.Sqrt(squares / (batches - 1) / batches)
}

// erlangB returns the share of calls that find all of so many permits taken, with load calls in flight on average if there were no limit.
func erlangB(load float64, limit int) float64 {
	blocked := 1.0
	for n := 1; n <= limit; n++ {
		blocked = load * blocked / (float64(n) + load*blocked)
	}
	return blocked
}

// erlangC returns the share of calls that have to wait, where all do.
func erlangC(load float64, limit int) float64 {
	b, n := erlangB(load, limit), float64(limit)
	return n * b / (n - load*(1-b))
}
