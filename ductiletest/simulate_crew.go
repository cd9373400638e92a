package ductiletest

import "sync"

// A crew makes calls, each on a goroutine. Who has made one makes the next: a goroutine whose stack has grown already is half the cost of
// a call.
type crew struct {
	work  func(*journey)
	calls sync.WaitGroup
	all   sync.WaitGroup
	mu    sync.Mutex
	idle  []chan *journey
	over  bool // there are no more calls
}

// send has a call made.
func (c *crew) send(j *journey) {
	c.calls.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := len(c.idle) - 1; last >= 0 {
		c.idle[last] <- j
		c.idle = c.idle[:last]
		return
	}
	next := make(chan *journey, 1)
	next <- j
	c.all.Add(1)
	apart(func() { c.serve(next) })
}

// serve makes the calls that it is sent, unless one ends its goroutine.
func (c *crew) serve(next chan *journey) {
	defer c.all.Done()
	for j := range next {
		c.make(j)
		if !c.rest(next) {
			return
		}
	}
}

// rest waits for another call, if there may be one.
func (c *crew) rest(next chan *journey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, next)
	return !c.over
}

func (c *crew) make(j *journey) {
	defer c.calls.Done()
	c.work(j)
}

// dismiss waits until all calls have ended, and ends those who made them.
func (c *crew) dismiss() {
	c.calls.Wait()
	c.mu.Lock()
	c.over = true
	for _, next := range c.idle {
		close(next)
	}
	c.mu.Unlock()
	c.all.Wait()
}
