package ductile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// What Plan says is compared with what happens when a pipeline meets the worst dependency, in virtual time.

// A course is one policy of a random pipeline. Times are in milliseconds; what the numbers are depends on the kind.
type course struct {
	kind    string
	manner  string
	n, m    int
	a, b, c int
	budget  string
}

func (c course) String() string {
	return fmt.Sprintf("%s(%s n=%d m=%d a=%d b=%d c=%d %s)", c.kind, c.manner, c.n, c.m, c.a, c.b, c.c, c.budget)
}

func milli(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// policy makes the policy, and what its rivals do to keep a call waiting.
func (c course) policy(shared *budget.Budget, answer func(context.Context)) (policy ductile.Policy, rivals func()) {
	idle := func() {}
	switch c.kind {
	case "retry":
		return retry.New(c.retrying(shared)...), idle
	case "hedge":
		return c.hedge(shared), idle
	case "timeout":
		return timeout.New(milli(1 + c.a)), idle
	case "asked":
		return timeout.From(func(context.Context) time.Duration { return milli(c.a) }), idle
	case "detached":
		return timeout.New(milli(1+c.a), timeout.Detached()), idle
	case "breaker":
		return breaker.New(breaker.ConsecutiveFailures(1+c.n), breaker.OpenTime(milli(1+c.a))), idle
	case "bulkhead":
		b := bulkhead.New(c.n, bulkhead.Queue(1+c.m, milli(1+c.a)))
		return b, func() { compete(b, c) }
	case "limiter":
		l := ratelimit.New(rate.Every(milli(1+c.b)), c.n, ratelimit.Wait(milli(1+c.a)))
		return l, func() {
			for range c.n {
				_, _ = l.Acquire(context.Background())
			}
		}
	case "function":
		return fallback.Func(func(ctx context.Context, cause error) (int, error) {
			answer(ctx)
			return 1, cause
		}), idle
	default:
		return fallback.Value(1, fallback.On(fault.ClassOverload)), idle
	}
}

// compete takes permits for a while, again and again.
func compete(b *bulkhead.Bulkhead, c course) {
	for range 1 + c.m {
		var tokens []uint64
		for range c.n {
			if token, err := b.Acquire(context.Background()); err == nil {
				tokens = append(tokens, token)
			}
		}
		time.Sleep(milli(c.b))
		for _, token := range tokens {
			b.Release(token, nil)
		}
		time.Sleep(milli(c.c))
	}
}

func (c course) retrying(shared *budget.Budget) []retry.Option {
	options := []retry.Option{retry.Attempts(c.n), retry.MaxHint(milli(c.c)), retry.OverloadBase(milli(8 * c.m))}
	a, b := milli(1+c.a), milli(1+c.a+c.b)
	switch c.manner {
	case "constant":
		options = append(options, retry.Constant(a), retry.NoJitter())
	case "growing":
		options = append(options, retry.Exponential(a, 2, b), retry.NoJitter())
	case "jittered":
		options = append(options, retry.Exponential(a, 1.5, b), retry.FullJitter())
	case "proportional":
		options = append(options, retry.Linear(a, milli(c.m), b), retry.ProportionalJitter(0.5))
	case "decorrelated":
		options = append(options, retry.Decorrelated(a, b))
	case "own":
		options = append(options, retry.Schedule(milli))
	case "elapsed":
		options = append(options, retry.UnlimitedAttempts(), retry.Elapsed(b))
	case "endless":
		options = append(options, retry.UnlimitedAttempts(), retry.Constant(0))
	case "everything":
		options = append(options, retry.Constant(a), retry.On(fault.ClassPermanent, fault.ClassTransient, fault.ClassTimeout,
			fault.ClassOverload, fault.ClassRejected))
	}
	if b := c.purse(shared); b != nil {
		options = append(options, retry.Budget(b))
	}
	return options
}

func (c course) hedge(shared *budget.Budget) *hedge.Policy {
	options := []hedge.Option{hedge.Extra(c.n - 1), hedge.After(milli(c.a))}
	if c.manner == "observing" {
		options = []hedge.Option{
			hedge.Extra(c.n - 1), hedge.MinSamples(1), hedge.MinDelay(milli(c.b)), hedge.MaxDelay(milli(c.b + 1 + c.c)),
		}
	}
	if c.manner == "everything" {
		options = append(options, hedge.On(fault.ClassTransient, fault.ClassTimeout, fault.ClassOverload, fault.ClassRejected))
	}
	if b := c.purse(shared); b != nil {
		options = append(options, hedge.Budget(b))
	}
	h := hedge.New(options...)
	if c.manner == "observing" {
		for range 3 { // over a second in between, after which it works out what is slow
			h.Observe(milli(c.a), nil)
			time.Sleep(2 * time.Second)
		}
	}
	return h
}

func (c course) purse(shared *budget.Budget) *budget.Budget {
	switch c.budget {
	case "unlimited":
		return budget.Unlimited()
	case "none":
		return budget.None()
	case "small":
		return budget.New(budget.Share(0.5), budget.Floor(0.2))
	case "shared":
		return shared
	default:
		return nil
	}
}

// A deed is what one call of the function does.
type deed struct {
	stays string // how long it runs
	takes int
	ends  string
	hint  int
}

// A foe is the dependency: what its calls do, one after the other, and over again.
type foe struct {
	deeds []deed
	next  func(n int) deed // in place of deeds, by the number of the call from 0
	deaf  bool             // does not heed its context
	calls atomic.Int64

	mu    sync.Mutex
	spans [][2]time.Time
}

// enough ends what would go on forever.
const enough = 400

var errFoe = errors.New("foe")

// asks is an error that asks for a time.
type asks struct {
	error
	hint, pushback time.Duration
	pushes         bool
}

func (e asks) RetryAfter() (time.Duration, bool) { return e.hint, !e.pushes }
func (e asks) Pushback() (time.Duration, bool)   { return e.pushback, e.pushes }

func (f *foe) call(ctx context.Context) (int, error) {
	n := f.calls.Add(1)
	begin := time.Now()
	defer func() {
		f.mu.Lock()
		f.spans = append(f.spans, [2]time.Time{begin, time.Now()})
		f.mu.Unlock()
	}()
	if n > enough {
		return 1, nil
	}
	var d deed
	if f.next != nil {
		d = f.next(int(n - 1))
	} else {
		d = f.deeds[int(n-1)%len(f.deeds)]
	}
	f.stay(ctx, d)
	return 1, d.end(ctx)
}

// stay runs for as long as the deed does, or until the context ends.
func (f *foe) stay(ctx context.Context, d deed) {
	takes := milli(d.takes)
	at, limited := ctx.Deadline()
	switch d.stays {
	case "hangs":
		takes = time.Hour
	case "to the brink":
		takes = time.Hour
		if limited {
			takes = time.Until(at) - 1
		}
	}
	done := ctx.Done()
	if f.deaf {
		done, takes = nil, min(takes, milli(500))
	}
	if takes <= 0 {
		return
	}
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-done:
	}
}

func (d deed) end(ctx context.Context) error {
	switch d.ends {
	case "success":
		return nil
	case "its context's":
		if err := ctx.Err(); err != nil {
			return err
		}
		return errFoe
	case "hint":
		return asks{error: errFoe, hint: milli(d.hint)}
	case "overload":
		return fault.Overload(errFoe, 0)
	case "mere overload":
		return overloaded{errFoe}
	case "pushback":
		return asks{error: errFoe, pushback: milli(d.hint), pushes: true}
	case "permanent":
		return fault.Permanent(errFoe)
	case "final":
		return fault.Final(errFoe)
	default:
		return errFoe
	}
}

// overloaded is an overload without a hint.
type overloaded struct{ error }

func (overloaded) Fault() fault.Class { return fault.ClassOverload }

// atOnce returns how many calls there were at the same time.
func (f *foe) atOnce() (most int) {
	type edge struct {
		at    time.Time
		opens int
	}
	var edges []edge
	f.mu.Lock()
	for _, s := range f.spans {
		if s[0].Equal(s[1]) { // which is over before another begins in the same moment
			most = max(most, 1)
			continue
		}
		edges = append(edges, edge{s[0], 1}, edge{s[1], -1})
	}
	f.mu.Unlock()
	slices.SortFunc(edges, func(a, b edge) int {
		if order := a.at.Compare(b.at); order != 0 {
			return order
		}
		return a.opens - b.opens
	})
	n := 0
	for _, e := range edges {
		n += e.opens
		most = max(most, n)
	}
	return most
}
