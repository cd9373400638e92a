// Safemode shows what a safe mode is for. A shop has three services that share a database, and the database becomes slow: the shop lets go
// of its recommendations, then of its prices too, keeps taking orders, and comes back by itself. Beside it a shop without a safe mode has
// the same visitors and the same bad day. In the end a person engages the safe mode, and it heeds nobody else. That is all:
//
//	shop := safemode.New(safemode.Name("shop"), safemode.Automatic())
//	recommend := ductile.New("recommend", fallback.Value(bestSellers), shop, …)
//	price := ductile.New("price", fallback.Value(listPrice), shop.For(safemode.Degraded), …)
//	checkout := ductile.New("checkout", shop.For(safemode.Safe), …)
//
// It takes fifteen seconds, and exits non-zero if the shop with a safe mode does not keep what it promises.
//
//	go run ./examples/safemode
//	go run ./examples/safemode -off   # a person keeps the safe mode off: both shops fare alike, and promises are broken
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/ductile-go/ductile/safemode"
)

// newMode returns the shop's safe mode.
func newMode() *safemode.Mode {
	return safemode.New(safemode.Name("shop"), safemode.Automatic(
		safemode.Window(modeWindow),
		safemode.Sustain(modeSustain),
		safemode.EngagedFor(modeEngaged),
		safemode.EngagedGrowth(1, modeEngaged), // not for longer each time: the day is too short for that
		safemode.EngagedJitter(0),              // there is one shop, and nobody to be out of step with
		safemode.ProbeLease(modeLease),
		safemode.Steps(4, 2),
		safemode.StepAtLeast(modeStep, 5)))
}

func main() {
	off := flag.Bool("off", false, "a person keeps the safe mode off")
	flag.Parse()
	kept, err := compare(*off)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !kept {
		os.Exit(1)
	}
}

// compare has both shops live through the day, shows what happened, and reports whether no promise was broken.
func compare(off bool) (kept bool, err error) {
	with, err := open(newLoopback(), newMode())
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, with.close()) }()
	without, err := open(newLoopback(), nil)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, without.close()) }()

	if off {
		with.mode.Hold(safemode.Normal, "no safe mode today")
	}
	return promises(os.Stdout, show(os.Stdout, day(), with, without)), nil
}
