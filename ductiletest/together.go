package ductiletest

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile"
)

// scramble: the last place is one place, though two want it at the same instant.
func scramble(x *trial) {
	is := x.kit.is
	if !is.holds {
		x.moot("has no places that calls hold")
	}
	gate := x.build()
	held := x.take(gate, is.room-1)
	x.did("held all but one of its places (%d), and called Acquire from two goroutines at the same instant, again and again", is.room)
	starts := make([]start, 5000)
	for i := range starts {
		starts[i].both = make(chan struct{})
	}
	var inside atomic.Int32
	var two atomic.Bool
	scrambler := func(c *caller) {
		for i := range starts {
			x.await(&starts[i], i)
			token, err := c.acquire(x.ctx, gate)
			if err != nil {
				continue
			}
			if inside.Add(1) > 1 {
				two.Store(true)
			}
			for range 100 * (i % 2) {
				inside.Load() // stays a moment, for the other to find the place taken
			}
			if i%16 == 0 {
				runtime.Gosched()
			}
			inside.Add(-1)
			c.release(gate, token, nil)
		}
	}
	x.join(x.spawn(scrambler), x.spawn(scrambler))
	if two.Load() {
		x.find("both were admitted")
	}
	x.put(gate, held, nil)
	x.asFresh(gate)
}

// A start is where two callers wait for each other.
type start struct {
	come atomic.Int32
	both chan struct{} // closed when they have
}

// await returns to both callers at nearly the same instant, if they are running at the same time at all. Who comes second would be
// ahead by the time that the news takes, so he waits a little, each time another little.
func (x *trial) await(s *start, turn int) {
	if s.come.Add(1) == 2 {
		close(s.both)
		for range turn % 128 {
			s.come.Load()
		}
		return
	}
	for looks := range 1000 {
		if s.come.Load() == 2 {
			return
		}
		if looks > 200 {
			runtime.Gosched()
		}
	}
	select {
	case <-s.both:
	case <-x.stopped: // the other will not come
		runtime.Goexit()
	}
}

// load: calls of every kind at once, and in the end everything is back.
func load(x *trial) {
	is := x.kit.is
	sound := []end{success()}
	for _, e := range ends() {
		if !x.kit.broken[givesBack(e)] {
			sound = append(sound, e)
		}
	}
	gate := x.build()
	counting := &counted{Gate: gate}
	ctx, cancel := context.WithTimeout(x.ctx, time.Hour)
	defer cancel()
	x.did("made calls from 16 goroutines, with all kinds of ends")
	var done []<-chan struct{}
	for i := range 16 {
		chance := rand.New(rand.NewPCG(uint64(i), 0))
		done = append(done, x.spawn(func(c *caller) {
			for range 100 {
				sound[chance.IntN(len(sound))].call(ctx, c, counting)
			}
		}))
	}
	x.join(done...)
	if most := counting.most.Load(); is.holds && int(most) > is.room {
		x.find("there were %d calls in flight at once; a fresh one admits %d", most, is.room)
	}
	x.asFresh(gate)

	x.did("called Acquire and Release from several goroutines, as fast as they could")
	rounds := 2_000
	if is.waits {
		rounds = 500 // for waiting is slow, and turns are given under a lock
	}
	done = nil
	for range 4 {
		done = append(done, x.spawn(func(c *caller) { // nothing here orders the calls, so that the race detector sees them as they are
			for range rounds {
				if token, err := c.acquire(ctx, gate); err == nil {
					c.release(gate, token, nil)
				}
			}
		}))
	}
	x.join(done...)
	x.asFresh(gate)
}

// counted is a gate that counts who is inside, and keeps him there for a while. What it counts is never more than there are.
type counted struct {
	ductile.Gate
	inside, most atomic.Int32
}

func (g *counted) Acquire(ctx context.Context) (uint64, error) {
	token, err := g.Gate.Acquire(ctx)
	if err != nil {
		return token, err
	}
	now := g.inside.Add(1)
	for most := g.most.Load(); now > most && !g.most.CompareAndSwap(most, now); {
		most = g.most.Load()
	}
	if now%2 == 0 {
		time.Sleep(time.Millisecond)
	}
	runtime.Gosched()
	return token, nil
}

func (g *counted) Release(token uint64, err error) {
	g.inside.Add(-1)
	g.Gate.Release(token, err)
}
