package ductiletest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ductile-go/ductile"
)

// late: calls may end when the gate has long changed.
func late(x *trial) {
	is := x.kit.is
	if is.room == 0 {
		x.moot("admits no call at once")
	}
	gate := x.build()
	held := x.take(gate, min(8, max(1, is.room/2)))
	meanwhile := ""
	if is.shuts {
		meanwhile = "made others fail until it refused, "
		x.shut(gate, failing())
	}
	time.Sleep(3 * time.Hour)
	x.did("made calls (%d), %sand released them three hours later, each with another end", len(held), meanwhile)
	x.putMixed(gate, held)
	x.asFresh(gate)

	if is.shuts {
		gate = x.build()
		held = x.tries(gate)
		time.Sleep(3 * time.Hour)
		x.did("made calls that fail until it refused, let time pass until it admitted some again, and released these three hours later, each with another end")
		x.putMixed(gate, held)
		x.asFresh(gate)
	}
}

// putMixed releases calls with every kind of end in turn.
func (x *trial) putMixed(gate ductile.Gate, tokens []uint64) {
	all := ends()
	for i, token := range tokens {
		x.put(gate, []uint64{token}, all[i%len(all)].heard)
	}
}

// twice: where each call has a token of its own, one that is over stays over.
func twice(x *trial) {
	is, checked := x.kit.is, false
	gate := x.build()
	if held := x.take(gate, min(8, is.room)); distinct(held) {
		checked = true
		free := is.room - len(held) + 1 // after the first is released
		x.did("made calls (%d), and released one of them twice", len(held))
		x.put(gate, []uint64{held[0], held[0]}, nil)
		if is.holds {
			if now := x.take(gate, free+1); len(now) > free {
				x.find("it then admitted %d more, so %d at once; a fresh one admits %s", len(now), len(now)+len(held)-1, is.count())
			} else {
				x.put(gate, now, nil)
			}
		}
		x.put(gate, held[1:], nil)
		x.did("released a call twice, and a third time when all others had ended")
		x.put(gate, []uint64{held[0]}, errDown)
		x.asFresh(gate)
	}
	if is.shuts {
		gate = x.build()
		if held := x.tries(gate); distinct(held) {
			checked = true
			x.did("made calls that fail until it refused, let time pass until it admitted some again, and released each of these twice")
			for _, token := range held {
				x.put(gate, []uint64{token, token}, nil)
			}
			x.asFresh(gate)
		}
	}
	if !checked {
		x.moot("its tokens do not tell calls apart, and the driver releases once")
	}
}

// distinct reports whether there are several tokens, and no two alike.
func distinct(tokens []uint64) bool {
	sorted := slices.Sorted(slices.Values(tokens))
	return len(tokens) > 1 && len(slices.Compact(sorted)) == len(tokens)
}

// timed: it makes no difference by which method a gate hears of an end.
func timed(x *trial) {
	if _, ok := x.build().(timedGate); !ok {
		x.moot("has no method ReleaseAt")
	}
	if x.kit.is.room == 0 {
		x.moot("admits no call at once")
	}
	for _, e := range ends() {
		by := func(name string, release func(c *caller, gate ductile.Gate, token uint64)) (ductile.Gate, string) {
			gate := x.build()
			x.did("made up to %d calls, and ended them by %s in %s", x.kit.is.calls, name, e.name)
			admitted := x.calls(gate, end{call: func(ctx context.Context, c *caller, gate ductile.Gate) bool {
				token, err := c.acquire(ctx, gate)
				if err != nil {
					return false
				}
				release(c, gate, token)
				return true
			}}, x.kit.is.calls)
			if e.blames { // how many exactly may be chance
				return gate, fmt.Sprintf("it refused after calls that ended so: %v", admitted < x.kit.is.calls)
			}
			return gate, fmt.Sprintf("it admitted %d calls that ended so, and then %d at once", admitted, x.offers(gate, x.kit.is.room))
		}
		_, want := by("Release", func(c *caller, gate ductile.Gate, token uint64) { c.release(gate, token, e.heard) })
		gate, got := by("ReleaseAt", func(c *caller, gate ductile.Gate, token uint64) {
			if t, ok := gate.(timedGate); ok {
				c.releaseAt(t, token, e.heard)
			}
		})
		if got != want {
			x.find("by Release: %s. By ReleaseAt: %s", want, got)
		}
		x.recovers(gate)
	}
}
