package main

import (
	"sync"
	"time"
)

// tolerable is by how much this machine may be late without its being seen in a trace.
const tolerable = 40 * time.Millisecond

// watchClock notes by how much this machine is late at most, until the function is called that it returns.
func watchClock() (latest func() time.Duration) {
	const every = 5 * time.Millisecond
	var most time.Duration
	var watching sync.WaitGroup
	over := make(chan struct{})
	watching.Go(func() {
		for {
			begun := time.Now()
			select {
			case <-over:
				return
			case <-time.After(every):
				most = max(most, time.Since(begun)-every)
			}
		}
	})
	return func() time.Duration {
		close(over)
		watching.Wait()
		return most
	}
}
