package ductiletest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// named: a gate has a name and one shape, before and after it is used.
func named(x *trial) {
	x.leaves = true
	gate := x.build()
	x.did("called Name")
	name := gate.Name()
	if name == "" {
		x.find("it returned no name")
	}
	x.did("called ductile.New with the gate")
	if refused := panicOf(func() { ductile.New("", gate) }); refused != nil {
		x.find("it panicked: %v", refused)
	}
	x.did("called Acquire, and Name again")
	x.take(gate, 1)
	if again := gate.Name(); again != name {
		x.find("it returned %q, and %q before", again, name)
	}
}

func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// explains: whatever a refusal is for, it says so.
func explains(x *trial) {
	is, said := x.kit.is, 0
	if is.room < many {
		full := x.build()
		x.did("called Acquire until it admitted no more")
		x.take(full, is.room)
		why := fmt.Sprintf("after it had admitted %d", is.room)
		switch {
		case !is.waits:
			said += x.explain(full, why, false)
		case !is.forever:
			said += x.explain(full, why+", and waited", false)
			fallthrough
		default:
			said += x.explain(full, why+", and canceled the context while it waited", true)
		}
	}
	if is.shuts {
		down := x.build()
		x.shut(down, failing())
		said += x.explain(down, "after failures", true)
	}
	if said == 0 {
		x.moot("never refuses a call")
	}
}

// explain has a call refused, by hand and through a pipeline, and looks at the errors. It returns how many there were.
func (x *trial) explain(gate ductile.Gate, why string, cancels bool) (said int) {
	x.did("called Acquire %s", why)
	err := x.ask(cancels, func(ctx context.Context, c *caller) error {
		token, err := c.acquire(ctx, gate)
		if err == nil {
			c.release(gate, token, nil)
		}
		return err
	})
	if err == nil {
		return 0 // admitted, after a while
	}
	if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && v.IsNil() {
		x.find("it returned an error that is not nil, but holds a nil %T: a refusal, and nobody knows why", err)
	}
	if err.Error() == "" {
		x.find("it returned an error without a text")
	}
	x.hints(err)

	x.did("made a call through a pipeline %s", why)
	called := false
	err = x.ask(cancels, func(ctx context.Context, c *caller) error {
		return ductile.Run(ctx, ductile.New("", contained{gate, c}), func(context.Context) error { called = true; return nil })
	})
	if called {
		return 1
	}
	if !errors.Is(err, fault.ErrRejected) || fault.Of(err) != fault.ClassRejected {
		x.find("it returned %q, which is no rejection: matches fault.ErrRejected: %v; class: %v", err, errors.Is(err, fault.ErrRejected), fault.Of(err))
	}
	if !strings.Contains(err.Error(), gate.Name()) {
		x.find("it returned %q, where the name of the gate, %q, is not to be found", err, gate.Name())
	}
	x.did("made a call through a pipeline %s, and kept the error for an hour", why)
	time.Sleep(time.Hour)
	x.hints(err)
	return 1
}

// ask has a call made, and cancels it if it waits.
func (x *trial) ask(cancels bool, begin func(context.Context, *caller) error) (err error) {
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	done := x.spawn(func(c *caller) { err = begin(ctx, c) })
	if cancels {
		synctest.Wait()
		cancel()
	}
	x.join(done)
	return err
}

// hints asks an error, and all that it wraps, when to come back.
func (x *trial) hints(err error) {
	if hint, ok := err.(interface{ RetryAfter() (time.Duration, bool) }); ok {
		if after, known := hint.RetryAfter(); known && after < 0 {
			x.find("RetryAfter of the error %q returned %v", err, after)
		}
	}
	switch e := err.(type) { //nolint:errorlint // this is the walk
	case interface{ Unwrap() error }:
		x.hints(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, branch := range e.Unwrap() {
			x.hints(branch)
		}
	}
}

// refuses: a refusal is no call, and changes nothing.
func refuses(x *trial) {
	const often = 100
	is := x.kit.is
	if is.room == many {
		x.moot("refuses no call of those that are made at once")
	}
	gate := x.build()
	held := x.take(gate, is.room)
	queue := x.queue(gate)
	state := is.full()
	if is.waits {
		state += fmt.Sprintf(", let %d more wait", len(queue))
	}
	if len(queue) == many {
		x.moot("lets all calls wait")
	}
	x.did("%s, and called Acquire %d times", state, often)
	for range often {
		if x.offers(gate, 1) > 0 {
			x.find("it admitted another call, though none had ended")
		}
	}
	x.did("%s, called Acquire %d times, and ended them all", state, often)
	for _, w := range queue {
		x.put(gate, x.leave(w), nil)
	}
	x.put(gate, held, nil)
	x.asFresh(gate)
}

// queue makes calls that wait until one does not.
func (x *trial) queue(gate ductile.Gate) (queue []*waiting) {
	for len(queue) < many && x.kit.is.waits {
		w := x.wait(x.ctx, gate)
		if !w.waits() {
			if w.err == nil {
				x.find("it let %d calls wait, and admitted the next", len(queue))
			}
			return queue
		}
		queue = append(queue, w)
	}
	return queue
}
