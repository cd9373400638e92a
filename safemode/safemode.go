// Package safemode switches calls off before they are made: by hand, or by itself when too many of them fail.
//
// A service in trouble keeps its core alive by letting go of the rest. A mode has three levels, and each piece of work has the lowest one
// that still does it: a shop recommends only while it is normal, shows prices up to degraded, and takes orders even in safe mode.
//
//	shop := safemode.New(safemode.Name("shop"))
//	recommend := ductile.New("recommend", fallback.Value(none), shop)                          // only when normal
//	price := ductile.New("price", fallback.Value(listPrice), shop.For(safemode.Degraded))      // up to degraded
//	checkout := ductile.New("checkout", shop.For(safemode.Safe))                               // always
//
//	shop.Engage("disk is full")                    // recommend and price answer from their fallbacks
//	if shop.Allows(safemode.Degraded) { ... }      // for work that is not a call
//	shop.Disengage()
//
// A mode stands right below the fallback: while it refuses, the fallback answers, and nothing below is reached. It may stand in any
// number of pipelines. A person's word holds until a person ends it. [Automatic] lets it engage and release itself where nobody holds it;
// [Mode.Update] tunes that while calls go on.
//
// A breaker is quick, and guards one dependency. A mode is slow on purpose, speaks for a service, and can be asked and told.
package safemode

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A Mode is the switch, and the [Gate] for work that is done only when normal. It is made by [New], serves calls with values of any type,
// and is safe for concurrent use. It can be tuned while it serves: [Mode.Update].
//
// While it is normal a call costs an atomic load, and with [Automatic] a clock reading and an atomic addition besides. A refusal costs an
// atomic addition. None of them allocates.
type Mode struct {
	config             // but for its name, under mu
	base     time.Time // what now counts from
	gates    [Safe + 1]Gate
	refused  atomic.Uint64
	engaged  atomic.Uint64
	current  atomic.Pointer[phase] // written under mu
	mu       sync.Mutex            // held to change phase and while probing, never while user code runs
	memory                         // under mu
	audience atomic.Pointer[audience]
}

// New returns a mode that is normal. It engages by hand: [Mode.Engage], [Mode.Hold]; with the option [Automatic] also by itself.
//
// It panics on options that make no sense; [Validate] says the same as an error.
func New(options ...Option) *Mode {
	c, err := configure(options)
	if err != nil {
		panic(err)
	}
	m := &Mode{config: c, base: time.Now()}
	for level := range m.gates {
		m.gates[level] = Gate{m, Level(level)}
	}
	if m.onChange != nil {
		m.Listen(m.onChange)
	}
	m.current.Store(m.fresh(&phase{level: Normal, auto: m.acts()}))
	return m
}

// Name returns the mode's name.
func (m *Mode) Name() string { return m.name }

// now is the time since the mode was made: monotonic, and with a base of its own, so that it works inside a synctest bubble.
func (m *Mode) now() time.Duration { return time.Since(m.base) }

// Level returns how far the service is degraded.
func (m *Mode) Level() Level { return m.current.Load().level }

// Allows reports whether work is to be done whose lowest level is this one: Allows(Normal) while the mode is normal, Allows(Degraded)
// while it is normal or degraded, Allows(Safe) always. It is for work that is not a call, costs an atomic load, and changes nothing.
// While an automatic mode lets some calls through to find out whether it can release, it is still false.
func (m *Mode) Allows(lowest Level) bool { return m.Level() <= lowest }

// For returns the gate for work whose lowest level is this one, for a pipeline: For(Degraded) refuses in safe mode only, and For(Safe)
// refuses nothing, but an automatic mode hears how its calls end. For(Normal) refuses what the mode itself does. It panics on a level
// that there is not.
func (m *Mode) For(lowest Level) *Gate {
	if !lowest.valid() {
		panic(refuseLevel("For", lowest))
	}
	return &m.gates[lowest]
}

// Acquire admits a call while the mode is normal, or returns why not: an [*EngagedError]. The token is for Release.
func (m *Mode) Acquire(ctx context.Context) (token uint64, err error) {
	return m.gates[Normal].Acquire(ctx)
}

// Release says how a call ended that Acquire admitted, once for each token. To end safe mode by hand there is [Mode.Disengage].
func (m *Mode) Release(token uint64, err error) { m.release(token, unread, err) }

// ReleaseAt is Release for who has just read the clock.
func (m *Mode) ReleaseAt(token uint64, at time.Time, err error) {
	if token != 0 {
		m.release(token, at.Sub(m.base), err)
	}
}
