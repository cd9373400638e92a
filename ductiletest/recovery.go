package ductiletest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ductile-go/ductile"
)

// offers returns how many calls the gate admits at once, n at most. They succeed.
func (x *trial) offers(gate ductile.Gate, n int) int {
	tokens := x.take(gate, n)
	x.put(gate, tokens, nil)
	return len(tokens)
}

// asFresh asks that the gate becomes as good as a fresh one, and no better.
func (x *trial) asFresh(gate ductile.Gate) {
	x.recovers(gate)
	if is := x.kit.is; is.holds && x.offersMore(gate) {
		x.find("it admits more at once than the %s that a fresh one admits", is.count())
	}
}

// offersMore reports whether the gate admits more calls at once than a fresh one.
func (x *trial) offersMore(gate ductile.Gate) bool {
	held := x.take(gate, x.kit.is.room)
	more := x.offers(gate, 1) > 0
	x.put(gate, held, nil)
	return more
}

// recovers gives the gate time, and calls that succeed.
func (x *trial) recovers(gate ductile.Gate) {
	is := x.kit.is
	room, begun := 0, time.Now()
	for pause := time.Second; ; pause += pause / 2 {
		for best := -1; room > best; { // as long as it gets better without waiting
			if best, room = room, x.offers(gate, is.room); room >= is.room {
				return
			}
		}
		if passed := time.Since(begun); passed > patience {
			x.find("%.0f hours later, and after calls that succeed, it admits %d at once; a fresh one admits %s", passed.Hours(), room, is.count())
		}
		time.Sleep(pause)
	}
}

// shut makes calls that end alike until one is not admitted at once, and reports whether that happened, and after how many.
func (x *trial) shut(gate ductile.Gate, e end) (is bool, after int) {
	x.did("made calls that ended in %s", e.name)
	const rounds, some = 10, many / 10
	for range rounds {
		admitted := x.calls(gate, e, some)
		after += admitted
		if admitted < some {
			return true, after
		}
		time.Sleep(time.Second)
	}
	return false, after
}

// tries has calls fail, and returns the tokens of those that the gate then admits first. They are not released.
func (x *trial) tries(gate ductile.Gate) []uint64 {
	x.shut(gate, failing())
	return x.triesAgain(gate)
}

// triesAgain is tries of a gate that refuses already.
func (x *trial) triesAgain(gate ductile.Gate) []uint64 {
	x.did("made calls that fail until it refused, and let time pass")
	begun := time.Now()
	for pause := time.Second; ; pause += pause / 2 {
		if again := x.take(gate, x.kit.is.room); len(again) > 0 {
			return again
		}
		if passed := time.Since(begun); passed > patience {
			x.find("%.0f hours later it has admitted no call", passed.Hours())
		}
		time.Sleep(pause)
	}
}

// count is how many calls a fresh gate admits at once, for people.
func (m measured) count() string {
	if m.room == many {
		return "all"
	}
	return strconv.Itoa(m.room)
}

// full says that no place is free.
func (m measured) full() string {
	if m.room == 0 {
		return "took a fresh gate"
	}
	return fmt.Sprintf("held all its places (%d)", m.room)
}
