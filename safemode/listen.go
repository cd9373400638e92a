package safemode

import (
	"slices"
	"sync"

	"github.com/ductile-go/ductile/internal/notify"
)

// An audience is who listens to a mode.
type audience struct {
	events notify.Queue[Change]

	mu        sync.Mutex
	listeners []*func(Change)
}

// Listen adds a listener to a mode that is there already, as [OnChange] does to one that is made, until stop is called. One that is
// just being told may still hear of it afterwards. Calling stop again does nothing.
func (m *Mode) Listen(listener func(Change)) (stop func()) {
	if listener == nil {
		panic("safemode: Listen was given a nil function")
	}
	if m.audience.Load() == nil {
		m.audience.CompareAndSwap(nil, new(audience))
	}
	a := m.audience.Load()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listeners = append(slices.Clone(a.listeners), &listener)
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.listeners = slices.DeleteFunc(slices.Clone(a.listeners), func(l *func(Change)) bool { return l == &listener })
	}
}

// deliver tells the listeners what happened. The caller holds no lock.
func (m *Mode) deliver() {
	a := m.audience.Load()
	if a == nil {
		return
	}
	a.events.Deliver(func(c Change, missed uint64) {
		c.Missed = missed
		a.mu.Lock()
		listeners := a.listeners // never changed in place
		a.mu.Unlock()
		tell(listeners, c)
	})
}

// tell tells listeners in order. Where one panics, the others are told all the same.
func tell(listeners []*func(Change), c Change) {
	if len(listeners) > 0 {
		defer tell(listeners[1:], c)
		(*listeners[0])(c)
	}
}
