package main

import (
	"math/rand/v2"
	"sync"
	"time"
)

// runShared makes calls at random, so many a second as those of ten clients, through what all of them share. An attempt takes 20 ms on
// average, so that there are others in flight.
func runShared(dice, coins *rand.Rand, call func(func() error) error, f float64, calls int) repeated {
	const rate, mean = 500, 20 * time.Millisecond
	var mu sync.Mutex
	var all sync.WaitGroup
	answered, attempts := 0, 0
	attempt := func() error {
		mu.Lock()
		attempts++
		took, failed := time.Duration(coins.ExpFloat64()*float64(mean)), coins.Float64() < f
		mu.Unlock()
		time.Sleep(took)
		if failed {
			return errDown
		}
		return nil
	}
	for range calls {
		time.Sleep(time.Duration(dice.ExpFloat64() * float64(time.Second) / rate))
		all.Go(func() {
			if call(attempt) == nil {
				mu.Lock()
				answered++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return repeated{float64(answered) / float64(calls), float64(attempts) / float64(calls)}
}
