package ductiletest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// findings runs the kit as Gate does, and returns what it found, by promise.
func findings(t *testing.T, build func() ductile.Gate) map[string]*finding {
	t.Helper()
	k := &kit{build: build, broken: map[string]bool{}}
	found := map[string]*finding{}
	if what := k.judgeAll(t, func(p promise) {
		if v := k.judge(t, p); v.found != nil {
			found[p.name] = v.found
		}
	}); what != nil {
		found[unfit] = what
	}
	return found
}

// after and probes are names of promises about ends.
func after(names ...string) []string {
	var all []string
	for _, name := range names {
		all = append(all, "gives back after "+name)
	}
	return all
}

func probes(names ...string) []string {
	var all []string
	for _, name := range names {
		all = append(all, "recovers from probes that end in "+name)
	}
	return all
}

const (
	unfit      = "cannot be judged"
	shapely    = "has a name and one shape"
	asksPeople = "refuses with an error for people"
	deadly     = "takes a dead context"
	atTurn     = "who gives up when his turn comes takes nothing"
	twiceOver  = "takes a second release of a token"
	timing     = "takes ReleaseAt for Release"
	underLoad  = "keeps its places under load"
)

// Each of these gates is broken in one way. The kit has to find that, where it is looked for, and nothing else.
func TestGateFinds(t *testing.T) {
	for _, test := range []struct {
		name  string
		build func() ductile.Gate
		says  string // the beginning of what it says happened, of the first
		in    []string
	}{
		// What it is.
		{"nil", func() ductile.Gate { return (*hall)(nil) }, "it returned nil", []string{shapely}},
		{"the same again", func() func() ductile.Gate { g := &hall{limit: 4}; return func() ductile.Gate { return g } }(),
			"build returned the same gate a second time", []string{unfit}},
		{"another kind each time", func() func() ductile.Gate { n := 3; return func() ductile.Gate { n++; return &hall{limit: n} } }(),
			" at once, another ", []string{unfit}},
		{"no name", func() ductile.Gate { return nameless{&hall{limit: 4}} }, "it returned no name", []string{shapely}},
		{"a new name each time", func() ductile.Gate { return &renamed{hall: &hall{limit: 4}} }, "it returned \"aaa", []string{shapely}},
		{"two shapes", func() ductile.Gate { return twofold{&hall{limit: 4}} }, "it panicked: ductile: pipeline \"\": policy 1", []string{shapely}},
		{"a goroutine that stays", func() ductile.Gate { return staying(&hall{limit: 4}) }, "goroutines of the gate are still there", []string{unfit}},

		// What it says.
		{"a typed nil", speaks(&hall{limit: 4}, (*silent)(nil), nil), "it returned an error that is not nil, but holds a nil", []string{asksPeople}},
		{"no text", speaks(&hall{limit: 4}, errors.New(""), nil), "it returned an error without a text", []string{asksPeople}},
		{"no text after a wait", speaks(&hall{limit: 4, queue: 4, patience: time.Second}, errors.New(""),
			func(ctx context.Context, waited time.Duration) bool { return waited > 0 && ctx.Err() == nil }), "it returned an error without a text", []string{asksPeople}},
		{"no text after a cancellation", speaks(&hall{limit: 4, queue: 4}, errors.New(""),
			func(ctx context.Context, _ time.Duration) bool { return ctx.Err() != nil }), "it returned an error without a text", []string{asksPeople}},
		{"no text after failures", speaks(&fuse{blows: 5, rest: time.Minute}, errors.New(""), nil), "it returned an error without a text", []string{asksPeople}},
		{"a rejection without the name", speaks(&hall{limit: 4}, &anonymous{}, nil),
			"it returned \"full\", where the name of the gate, \"hall\", is not to be found", []string{asksPeople}},
		{"a rejection that is none", speaks(&hall{limit: 4}, &impostor{}, nil), "it returned \"hall is full\", which is no rejection", []string{asksPeople}},
		{"a time that is over", speaks(&hall{limit: 4}, &hurried{}, nil), "RetryAfter of the error \"full\" returned -1ns", []string{asksPeople}},
		{"a time that passes", func() ductile.Gate { return speaking{&hall{limit: 4}, aging{time.Now().Add(time.Minute)}, nil} },
			"RetryAfter of the error \"full\" returned -59m0s", []string{asksPeople}},
		{"a time that is over, below others", speaks(&hall{limit: 4}, errors.Join(errFull, fmt.Errorf("%w", &hurried{})), nil),
			"RetryAfter of the error \"full\" returned -1ns", []string{asksPeople}},

		// Refusals.
		{"refusals free a place", func() ductile.Gate { return freeing{&hall{limit: 4}} }, "it admitted another call, though none had ended", []string{refusesOnly}},
		{"refusals take a place", func() ductile.Gate { return taking{&hall{limit: 4}} }, "it admits 0 at once; a fresh one admits 4", []string{refusesOnly}},

		// Ends.
		{"keeps every place", func() ductile.Gate { return keeping{&hall{limit: 4}, func(error) bool { return true }} }, "71 hours later, and after calls that succeed, it admits 0 at once; a fresh one admits 4", after("success")},
		{"keeps after an error", keeps(fault.ClassTransient), "", after("an error")},
		{"keeps after a permanent error", keeps(fault.ClassPermanent), "", after("an error marked permanent")},
		{"keeps after a panic", keeps(fault.ClassAborted), "", after("a panic")},
		{"keeps after Goexit", keeps(fault.ClassExited), "", after("Goexit")},
		{"keeps after a cancellation", keeps(fault.ClassCanceled), "", after("a cancellation", "a cancellation before the function is called")},
		{"keeps after a refusal inside", keeps(fault.ClassRejected), "", after("a refusal by a gate inside")},
		{"keeps after a faster copy", keeps(fault.ClassSuperseded), "", after("losing to a faster copy", "losing to a faster copy after the hedge's delay")},
		{"keeps after a timeout", keeps(fault.ClassTimeout), "", after("a timeout", "the caller's deadline")},
		{"panics after a panic", func() ductile.Gate { return onRelease{&hall{limit: 4}, fault.ClassAborted, func() { panic("oh") }} }, "Release panicked: oh", after("a panic")},
		{"exits after a panic", func() ductile.Gate { return onRelease{&hall{limit: 4}, fault.ClassAborted, runtime.Goexit} }, "Release ended its goroutine", after("a panic")},
		{"blocks after a panic", func() ductile.Gate { return onRelease{&hall{limit: 4}, fault.ClassAborted, func() { select {} }} },
			"Release has not returned in two days", after("a panic")},
		{"blocks after a success", func() ductile.Gate { return onRelease{&hall{limit: 4}, fault.ClassSuccess, func() { select {} }} },
			"Release has not returned in two days", []string{unfit}},
		{"holds a cancellation against it", counts(fault.ClassCanceled), "it admitted 5; where they end in success, it admits 50",
			after("a cancellation", "a cancellation before the function is called")},
		{"holds a refusal inside against it", counts(fault.ClassRejected), "", after("a refusal by a gate inside")},
		{"holds Goexit against it", counts(fault.ClassExited), "", after("Goexit")},
		{"holds an ignored error against it", counts(fault.ClassIgnored), "", after("an error marked ignored")},
		{"holds a no against it", counts(fault.ClassPermanent), "", after("an error marked permanent")},

		{"shrinks after cancellations", func() ductile.Gate { return &adaptive{limit: 10, flaw: "shrinks after what is canceled"} },
			"it admits 1 more at once; where they end in success, it admits 10", after("a cancellation", "a cancellation before the function is called")},

		// Failures.
		{"never tries again", func() ductile.Gate { return &fuse{blows: 5, rest: time.Second, flaw: "never tries again"} }, "71 hours later, and after calls that succeed, it admits 0 at once; a fresh one admits all",
			after("an error", "a timeout", "overload", "the caller's deadline", "a panic", "losing to a faster copy after the hedge's delay")},
		{"loses a probe that exits", losesTry(fault.ClassExited), "", probes("Goexit")},
		{"loses a probe that is canceled", losesTry(fault.ClassCanceled), "", probes("a cancellation", "a cancellation before the function is called")},
		{"loses a probe that is ignored", losesTry(fault.ClassIgnored), "", probes("an error marked ignored")},
		{"loses a probe that is refused inside", losesTry(fault.ClassRejected), "", probes("a refusal by a gate inside")},
		{"loses a probe that a faster copy beat", losesTry(fault.ClassSuperseded), "", probes("losing to a faster copy")},

		{"never closes once a probe exits", func() ductile.Gate {
			return &fuse{blows: 5, rest: time.Second, flaw: "stays wary after a try that is exited"}
		},
			"at once; a fresh one admits all", probes("Goexit")},

		// Waiting.
		{"does not look at the context", flawed("does not look at the context"), "Acquire went on waiting", []string{heedsContext}},
		{"does not look at the context for a time", func() ductile.Gate {
			return &hall{limit: 4, queue: 100, patience: time.Second, flaw: "does not look at the context"}
		}, "Acquire went on waiting", []string{heedsContext}},
		{"admits who gives up", flawed("admits who gives up"), "it admitted the call, though there was no place", []string{heedsContext}},
		{"blocks on a dead context", func() ductile.Gate { return onDead{&hall{limit: 4}, func() { select {} }} }, "it did not return at once", []string{deadly}},
		{"panics on a dead context", func() ductile.Gate { return onDead{&hall{limit: 4}, func() { panic("oh") }} }, "Acquire panicked: oh", []string{deadly}},
		{"takes a place for a dead context", func() ductile.Gate { return deadTaking{&hall{limit: 4}} }, "it admits 0 at once; a fresh one admits 4", []string{deadly}},
		{"keeps the share of who gives up", func() ductile.Gate {
			g := newBucket(5, time.Second, time.Minute)
			g.flaw = "keeps the share of who gives up"
			return g
		}, "the next call does not wait, but is refused: no place", []string{leavesQueue}},
		{"keeps who gives up before others in the line", flawed("keeps who gives up before others in the line"), "at once; a fresh one admits 4", []string{leavesQueue}},
		{"loses the place of who gives up at his turn, with a queue of one", func() ductile.Gate {
			return &hall{limit: 4, queue: 1, flaw: "loses the place of who gives up at his turn"}
		}, "it gave up, and its place is gone", []string{atTurn}},
		{"keeps who gives up in the line", flawed("keeps who gives up in the line"), "the next call does not wait, but is refused: no place", []string{leavesQueue}},
		{"takes a place for who gives up", flawed("takes a place for who gives up"), "it admits 0 at once; a fresh one admits 4", []string{leavesQueue}},
		{"loses the place of who gives up at his turn", flawed("loses the place of who gives up at his turn"), "", []string{atTurn}},
		{"frees the place of who gives up at his turn, and wakes nobody", flawed("frees the place of who gives up at his turn, and wakes nobody"),
			"it gave up, and the call behind it goes on waiting", []string{atTurn}},
		{"wakes nobody", flawed("wakes nobody"), "two days later one of the 2 that went on waiting still does", []string{waitsServed}},

		{"wakes nobody, for a time", func() ductile.Gate { return &hall{limit: 4, queue: 4, patience: time.Second, flaw: "wakes nobody"} },
			"was refused after 1s, though there were places: no place", []string{waitsServed}},
		{"one place for two", flawed("gives a place to who gives up and to the next"), "it was admitted, and so was the call behind it: two calls in one place", []string{atTurn}},

		// Tokens.
		{"panics late", func() ductile.Gate { return &ticketed{limit: 4, onLate: func() { panic("too late") }} }, "Release panicked: too late", []string{takesLate}},
		{"blocks late", func() ductile.Gate { return &ticketed{limit: 4, onLate: func() { select {} }} }, "Release has not returned in two days", []string{takesLate}},
		{"does not take late ends", func() ductile.Gate { return &ticketed{limit: 4, late: 1} }, "it admits 2 at once; a fresh one admits 4", []string{takesLate}},
		{"frees two places late", func() ductile.Gate { return &ticketed{limit: 4, late: -1} }, "it admits more at once than the 4 that a fresh one admits", []string{takesLate}},
		{"loses a probe that is late", func() ductile.Gate { return &fuse{blows: 5, rest: time.Second, flaw: "loses a try that is late"} },
			"71 hours later, and after calls that succeed, it admits 0 at once; a fresh one admits all", []string{takesLate}},
		{"does not know an early call", func() ductile.Gate {
			return &fuse{blows: 5, rest: time.Second, flaw: "panics at an end of another phase"}
		},
			"Release panicked: who are you?", []string{takesLate}},
		{"frees two places for a second release", func() ductile.Gate { return &ticketed{limit: 4, again: "free"} }, "it then admitted 2 more, so 5 at once; a fresh one admits 4", []string{twiceOver}},
		{"frees two places for a second release when nobody is there", func() ductile.Gate { return &ticketed{limit: 4, again: "free when idle"} },
			"it admits more at once than the 4 that a fresh one admits", []string{twiceOver}},
		{"panics at a second release", func() ductile.Gate { return &ticketed{limit: 4, again: "panic"} }, "Release panicked: twice", []string{twiceOver}},
		{"ReleaseAt forgets", func() ductile.Gate { return forgetful{&hall{limit: 4}} }, "by Release: it admitted 50", []string{timing}},
		{"ReleaseAt does not hear", func() ductile.Gate { return deaf{&fuse{blows: 5, rest: time.Second}} }, "by Release: it refused after calls that ended so: true", []string{timing}},

		{"panics at a second release of a probe", func() ductile.Gate { return &ticketing{fuse: &fuse{blows: 5, rest: time.Second, width: 3}} },
			"Release panicked: twice", []string{twiceOver}},

		// Many at once.
		{"forgets one of two that end together", func() ductile.Gate { return &careless{hall: &hall{limit: 4}} }, "at once; a fresh one admits 4", []string{underLoad}},
		{"panics when two come at once", func() ductile.Gate { return &touchy{hall: &hall{limit: 4}} }, "Acquire panicked: one at a time", []string{keepsLimit}},
		{"looks first and takes later", func() ductile.Gate { return &hasty{limit: 4} }, "both were admitted", []string{keepsLimit}},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := findings(t, test.build)
			for tries := 1; !as(found, test.in) && tries < 100; tries++ { // where calls meet at the wrong moment, and who sees it, is chance
				found = findings(t, test.build)
			}
			assert.ElementsMatch(t, test.in, slices.Collect(maps.Keys(found)), "%v", found)
			for name, f := range found {
				assert.NotEmpty(t, f.did, name)
				assert.NotEmpty(t, f.owed, name)
				assert.Contains(t, f.happened, test.says, name)
			}
		})
	}
}

// as reports whether a gate was found to break the promises meant, and no others.
func as(found map[string]*finding, in []string) bool {
	return len(found) == len(in) && !slices.ContainsFunc(in, func(name string) bool { return found[name] == nil })
}

func flawed(flaw string) func() ductile.Gate {
	return func() ductile.Gate { return &hall{limit: 4, queue: 3, flaw: flaw} }
}

func speaks(gate ductile.Gate, refusal error, when func(context.Context, time.Duration) bool) func() ductile.Gate {
	return func() ductile.Gate {
		switch is := gate.(type) { // a new one like it
		case *hall:
			gate = &hall{limit: is.limit, queue: is.queue, patience: is.patience}
		case *fuse:
			gate = &fuse{blows: is.blows, rest: is.rest}
		}
		return speaking{gate, refusal, when}
	}
}

func keeps(class fault.Class) func() ductile.Gate {
	return func() ductile.Gate {
		return keeping{&hall{limit: 4}, func(err error) bool { return fault.Of(err) == class }}
	}
}

func counts(class fault.Class) func() ductile.Gate {
	return func() ductile.Gate {
		return &fuse{blows: 5, rest: time.Second, flaw: "counts what is " + class.String()}
	}
}

func losesTry(class fault.Class) func() ductile.Gate {
	return func() ductile.Gate {
		return &fuse{blows: 5, rest: time.Second, flaw: "loses a try that is " + class.String()}
	}
}

type nameless struct{ *hall }

func (nameless) Name() string { return "" }

type renamed struct {
	*hall
	names string
}

func (g *renamed) Name() string { g.names += "a"; return g.names }

type twofold struct{ *hall }

func (twofold) Timeout(context.Context) time.Duration       { return 0 }
func (twofold) Exceeded(_ time.Duration, cause error) error { return cause }

func staying(g *hall) *hall {
	go func() { select {} }()
	return g
}

// speaking refuses with an error of one's choice.
type speaking struct {
	ductile.Gate
	refusal error
	when    func(ctx context.Context, waited time.Duration) bool // nil for always
}

func (g speaking) Acquire(ctx context.Context) (uint64, error) {
	begun := time.Now()
	token, err := g.Gate.Acquire(ctx)
	if err != nil && (g.when == nil || g.when(ctx, time.Since(begun))) {
		err = g.refusal
	}
	return token, err
}

type silent struct{ text string }

func (e *silent) Error() string { return e.text }

// anonymous is a rejection that does not say by whom.
type anonymous struct{}

func (*anonymous) Error() string        { return "full" }
func (*anonymous) Is(target error) bool { return target == fault.ErrRejected }
func (*anonymous) Fault() fault.Class   { return fault.ClassRejected }

type hurried struct{}

func (hurried) Error() string                     { return "full" }
func (hurried) RetryAfter() (time.Duration, bool) { return -1, true }

// aging says when a time will have come that passes.
type aging struct{ until time.Time }

func (aging) Error() string                       { return "full" }
func (e aging) RetryAfter() (time.Duration, bool) { return time.Until(e.until), true }

// impostor says that it is a rejection, and then that it is not.
type impostor struct{ asked atomic.Int32 }

func (*impostor) Error() string        { return "hall is full" }
func (*impostor) Is(target error) bool { return target == fault.ErrRejected }
func (e *impostor) Fault() fault.Class {
	if e.asked.Add(1) == 1 {
		return fault.ClassRejected
	}
	return fault.ClassTransient
}

type freeing struct{ *hall }

func (g freeing) Acquire(ctx context.Context) (uint64, error) {
	token, err := g.hall.Acquire(ctx)
	if err != nil {
		g.hall.Release(0, nil)
	}
	return token, err
}

type taking struct{ *hall }

func (g taking) Acquire(ctx context.Context) (uint64, error) {
	token, err := g.hall.Acquire(ctx)
	if err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.inside++
	}
	return token, err
}

// keeping does not give some places back.
type keeping struct {
	*hall
	when func(error) bool
}

func (g keeping) Release(token uint64, err error) {
	if !g.when(err) {
		g.hall.Release(token, err)
	}
}

// onRelease does something else where a call ended in one class.
type onRelease struct {
	*hall
	class fault.Class
	do    func()
}

func (g onRelease) Release(token uint64, err error) {
	if fault.Of(err) == g.class {
		g.do()
	}
	g.hall.Release(token, err)
}

type onDead struct {
	*hall
	do func()
}

func (g onDead) Acquire(ctx context.Context) (uint64, error) {
	if ctx.Err() != nil {
		g.do()
	}
	return g.hall.Acquire(ctx)
}

// ticketed knows each call by its token.
type ticketed struct {
	limit  int
	onLate func()
	late   int // the change in who is inside after a late end
	again  string

	mu      sync.Mutex
	last    uint64
	inside  int
	tickets map[uint64]time.Time
}

func (*ticketed) Name() string { return "ticketed" }

func (g *ticketed) Acquire(context.Context) (uint64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside >= g.limit {
		return 0, errFull
	}
	if g.tickets == nil {
		g.tickets = map[uint64]time.Time{}
	}
	g.inside++
	g.last++
	g.tickets[g.last] = time.Now()
	return g.last, nil
}

func (g *ticketed) Release(token uint64, _ error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	began, ok := g.tickets[token]
	if ok && time.Since(began) > time.Hour {
		if g.onLate != nil {
			g.onLate()
		}
		g.inside += g.late
	}
	if !ok && g.again == "panic" {
		panic("twice")
	}
	if ok || g.again == "free" || g.again == "free when idle" && g.inside == 0 {
		g.inside--
	}
	delete(g.tickets, token)
}

type forgetful struct{ *hall }

func (forgetful) ReleaseAt(uint64, time.Time, error) {}

type deaf struct{ *fuse }

func (g deaf) ReleaseAt(token uint64, _ time.Time, _ error) { g.fuse.Release(token, nil) }

// hasty looks whether there is a place, and takes it later.
type hasty struct {
	limit  int64
	inside atomic.Int64
}

func (*hasty) Name() string { return "hasty" }

func (g *hasty) Acquire(context.Context) (uint64, error) {
	if g.inside.Load() >= g.limit {
		return 0, errFull
	}
	runtime.Gosched()
	g.inside.Add(1)
	return 0, nil
}

func (g *hasty) Release(uint64, error) { g.inside.Add(-1) }

// careless does not wait for its turn to count down.
type careless struct {
	*hall
	counting sync.Mutex
}

func (g *careless) Release(token uint64, err error) {
	if g.counting.TryLock() {
		defer g.counting.Unlock()
		runtime.Gosched()
		g.hall.Release(token, err)
	}
}

// ticketing numbers the calls with which it tries again, and is told of no number twice.
type ticketing struct {
	*fuse

	mu   sync.Mutex
	last uint64
	over map[uint64]bool
}

func (g *ticketing) Acquire(ctx context.Context) (uint64, error) {
	token, err := g.fuse.Acquire(ctx)
	g.fuse.mu.Lock()
	blown := g.blown
	g.fuse.mu.Unlock()
	if err != nil || !blown {
		return token, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last++
	return g.last<<32 | token, nil
}

func (g *ticketing) Release(ticket uint64, err error) {
	const mask = 1<<32 - 1
	g.mu.Lock()
	number := ticket >> 32
	again := number > 0 && g.over[number]
	if g.over == nil {
		g.over = map[uint64]bool{}
	}
	g.over[number] = true
	g.mu.Unlock()
	if again {
		panic("twice")
	}
	g.fuse.Release(ticket&mask, err)
}

// deadTaking refuses calls on a dead context, and takes their place.
type deadTaking struct{ *hall }

func (g deadTaking) Acquire(ctx context.Context) (uint64, error) {
	token, err := g.hall.Acquire(ctx)
	if err == nil {
		err = ctx.Err()
	}
	return token, err
}

type touchy struct {
	*hall
	coming sync.Mutex
}

func (g *touchy) Acquire(ctx context.Context) (uint64, error) {
	if !g.coming.TryLock() {
		panic("one at a time")
	}
	defer g.coming.Unlock()
	runtime.Gosched()
	return g.hall.Acquire(ctx)
}

// Under load it counts who is there, and not only who is left.
func TestLoadCounts(t *testing.T) {
	k := &kit{build: func() ductile.Gate { return &hasty{limit: 4} }, broken: map[string]bool{}}
	require.Nil(t, k.measure(t))
	v := k.try(t, owesPlace, load)
	for tries := 1; v.found == nil && tries < 1000; tries++ { // whether calls meet at the wrong moment is chance
		v = k.try(t, owesPlace, load)
	}
	require.NotNil(t, v.found)
	assert.Contains(t, v.found.happened, "in flight at once; a fresh one admits 4")
}
