package breaker

import (
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/ductile-go/ductile/internal/notify"
)

// An audience is who listens to a breaker, and what it draws from: what most breakers have not, and need not have room for.
type audience struct {
	events notify.Queue[Transition]
	dice   *rand.Rand // nil for the program's; set before there are calls

	mu        sync.Mutex
	listeners []*func(Transition)
}

// Listen adds a listener to a breaker that is there already, as [OnTransition] does to one that is made, until stop is called. One that is
// just being told may still hear of it afterwards. Calling stop again does nothing.
func (b *Breaker) Listen(listener func(Transition)) (stop func()) {
	if listener == nil {
		panic("breaker: Listen was given a nil function")
	}
	a := b.theAudience()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listeners = append(slices.Clone(a.listeners), &listener)
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.listeners = slices.DeleteFunc(slices.Clone(a.listeners), func(l *func(Transition)) bool { return l == &listener })
	}
}

// theAudience returns the breaker's audience, which is made when it is needed first.
func (b *Breaker) theAudience() *audience {
	if b.audience.Load() == nil {
		b.audience.CompareAndSwap(nil, new(audience))
	}
	return b.audience.Load()
}

// deliver tells the listeners what happened. The caller holds no lock.
func (b *Breaker) deliver() {
	a := b.audience.Load()
	if a == nil {
		return
	}
	a.events.Deliver(func(t Transition, missed uint64) {
		t.Missed = missed
		a.mu.Lock()
		listeners := a.listeners // never changed in place
		a.mu.Unlock()
		tell(listeners, t)
	})
}

// tell tells listeners in order. Where one panics, the others are told all the same.
func tell(listeners []*func(Transition), t Transition) {
	if len(listeners) > 0 {
		defer tell(listeners[1:], t)
		(*listeners[0])(t)
	}
}
