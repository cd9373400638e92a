package ductile_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// A scene is a call as it was drawn: a pipeline, a function, a caller, and what goes wrong. It is played on a stage, which keeps books of
// what happens; when all is over, audit says what does not balance. Times are in ticks.
type scene struct {
	layers []layer
	acts   []act  // of the calls of the function, one after another; after the last the first again
	leaves string // how the caller leaves: "before" the call, by "cancel" or "deadline", or not
	when   int
	async  bool
	once   bool
	report bool
	trap   trap
}

// A layer is a policy. What its numbers mean is its kind's affair.
type layer struct {
	kind, manner string
	ticks, n     int
}

// An act is what one call of the function does.
type act struct {
	takes  int
	deaf   bool   // to its context
	retain bool   // its context
	within string // what it calls: "Do", or the pipeline "itself"
	end    string
}

// A trap is a place in the user's code where it panics, exits, or cancels the call: the n-th time that it comes there.
type trap struct {
	point string
	nth   int
	way   string
}

var (
	errUser = errors.New("what the user's code returned")
	errBoom = errors.New("what the user's code panicked with")
)

// A stage is where a scene is played.
type stage struct {
	scene
	tick    time.Duration
	p       *ductile.ConcurrentPipeline
	inner   *ductile.Pipeline // what the function calls, where it calls Do
	extra   *budget.Budget
	ledgers []*ledger
	cancel  context.CancelFunc
	sprung  atomic.Int32 // how often somebody came by the trap
	running atomic.Int32 // calls of the function

	panics, exits, recovered, contained atomic.Int64 // recovered by middleware, and told to those who watch

	start  time.Time
	took   time.Duration
	v      *value // how the call ended: it returned,
	err    error
	came   bool
	raised any  // or panicked, or exited
	alive  bool // the value's context, when the call returned

	mu       sync.Mutex
	ended    time.Time
	began    int // calls of the function
	contexts []context.Context
	values   []*value
	calls    []*atomic.Bool // each call through the pipeline: whether it reached the function
	watches  []*spectator
	wrongs   []string
}

// A value is what the function returns.
type value struct {
	ctx                 context.Context
	err                 error // that it came with
	at                  time.Duration
	release             func() // of its context, nil where it is not retained
	discarded, returned atomic.Int32
}

// set makes a stage for the scene. A tick is a millisecond where time is not real.
func (s scene) set(tick time.Duration) *stage {
	st := &stage{scene: s, tick: tick, extra: budget.New(budget.Share(1), budget.Floor(1000), budget.Window(10*time.Minute))}
	var policies []ductile.Policy
	for _, l := range s.layers {
		policies = append(policies, st.policy(l))
	}
	st.p = ductile.NewConcurrent("scene", policies...).With(audience{st})
	inside := new(ledger)
	st.ledgers = append(st.ledgers, inside)
	st.inner = ductile.New("inner", timeout.New(20*tick), retry.New(retry.Attempts(2), retry.Constant(tick)), inside, timeout.New(5*tick))
	return st
}

func (st *stage) policy(l layer) ductile.Policy {
	wait := time.Duration(l.ticks) * st.tick
	limit := func(context.Context) time.Duration { st.at("limit"); return 2 * wait }
	switch l.kind {
	case "hedge":
		return &prudent{copies: copies{wait: wait, most: l.n}, stage: st, manner: l.manner}
	case "retry":
		return retry.New(retry.Attempts(l.n+1), retry.Constant(wait), retry.Budget(st.extra))
	case "fallback":
		return answering{st, l.manner}
	case "timeout":
		return timeout.From(limit)
	case "detached":
		return timeout.From(limit, timeout.Detached())
	case "gate":
		g := &doorman{stage: st, manner: l.manner, wait: wait, nth: int64(l.n)}
		st.ledgers = append(st.ledgers, &g.ledger)
		return g
	default:
		return &mannered{stage: st, layer: l, wait: wait}
	}
}

// at springs the trap, if it is here.
func (st *stage) at(point string) {
	if point != st.trap.point || int(st.sprung.Add(1)) != st.trap.nth {
		return
	}
	switch st.trap.way {
	case "panic":
		st.boom()
	case "exit":
		st.exit()
	default:
		st.cancel()
	}
}

func (st *stage) boom() {
	st.panics.Add(1)
	panic(errBoom)
}

func (st *stage) exit() {
	st.exits.Add(1)
	runtime.Goexit()
}

func (st *stage) wrong(format string, args ...any) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.wrongs = append(st.wrongs, fmt.Sprintf(format, args...))
}

// ours says so where a panic is not one that began on this stage.
func (st *stage) ours(panicked any) {
	if p, ok := panicked.(*ductile.Panic); ok {
		panicked = p.Value
	}
	if panicked != any(errBoom) {
		st.wrong("a panic of the library: %v", panicked)
	}
}

// play makes the call.
func (st *stage) play() {
	ctx, cancel := context.WithCancel(context.Background())
	st.cancel = cancel
	when := time.Duration(st.when) * st.tick
	switch st.leaves {
	case "before":
		cancel()
	case "cancel":
		time.AfterFunc(when, cancel)
	case "deadline":
		ctx, cancel = context.WithTimeout(ctx, when)
	}
	var report *ductile.Report
	if st.report {
		ctx, report = ductile.WithReport(ctx)
	}
	if st.once {
		ctx = ductile.Once(ctx)
	}
	st.start = time.Now()
	st.raised, st.came = contained(func() {
		if st.when%2 == 0 {
			defer cancel() // as many do; who hears of the call's end too late hears of this
		}
		st.v, st.err = st.call(ctx, st.fn)
		st.alive = st.v != nil && st.v.ctx != nil && st.v.ctx.Err() == nil
	})
	st.took = time.Since(st.start)
	if report != nil && st.came {
		_ = report.String()
		if !report.Ended() {
			st.wrong("the report is not ready")
		}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.ended = time.Now()
}

func (st *stage) call(ctx context.Context, fn func(context.Context) (*value, error)) (*value, error) {
	reached := new(atomic.Bool)
	st.mu.Lock()
	st.calls = append(st.calls, reached)
	st.mu.Unlock()
	options := []ductile.Option[*value]{ductile.Discard(func(v *value) {
		v.discarded.Add(1)
		if v.release != nil {
			v.release()
		}
		st.at("discard")
	})}
	if st.async {
		options = append(options, ductile.Async[*value])
	}
	v, err := ductile.DoConcurrent(ctx, st.p, func(ctx context.Context) (*value, error) {
		reached.Store(true)
		return fn(ctx)
	}, options...)
	if v != nil {
		v.returned.Add(1)
	}
	return v, err
}

// fn is the function.
func (st *stage) fn(ctx context.Context) (v *value, err error) {
	st.running.Add(1)
	defer st.running.Add(-1)
	a := st.enter(ctx)
	if a.retain {
		release := ductile.Retain(ctx)
		defer func() {
			if v == nil { // it panics or exits
				release()
			} else {
				v.release = release
			}
		}()
	}
	switch a.within {
	case "Do":
		n, err := ductile.Do(ctx, st.inner, func(ctx context.Context) (int, error) {
			st.spend(ctx, a)
			return 7, ctx.Err()
		})
		if err == nil && n != 7 {
			st.wrong("Do returned %d", n)
		}
	case "itself":
		v, _ := st.call(ctx, func(ctx context.Context) (*value, error) {
			st.spend(ctx, a)
			return st.make(ctx, nil)
		})
		if v != nil && v.release != nil {
			v.release()
		}
	default:
		st.spend(ctx, a)
		st.heard(ctx)
	}
	switch a.end {
	case "panic":
		st.boom()
	case "exit":
		st.exit()
	case "success":
		return st.make(ctx, nil)
	case "permanent":
		return st.make(ctx, fault.Permanent(errUser))
	case "ignored":
		return st.make(ctx, fault.Ignore(errUser))
	case "overload":
		return st.make(ctx, fault.Overload(errUser, 0))
	case "timeout":
		return st.make(ctx, fmt.Errorf("%w: %w", errUser, context.DeadlineExceeded))
	case "canceled":
		return st.make(ctx, fmt.Errorf("%w: %w", errUser, context.Canceled))
	case "its context's":
		if ctx.Err() != nil {
			return st.make(ctx, fmt.Errorf("%w: %w", errUser, context.Cause(ctx)))
		}
	case "moody":
		return st.make(ctx, temperamental{st})
	}
	return st.make(ctx, errUser)
}

// enter begins a call of the function: never on a dead context, and never after the call it belongs to.
func (st *stage) enter(ctx context.Context) act {
	now := time.Now()
	st.mu.Lock()
	a := st.acts[st.began%len(st.acts)]
	if st.began++; st.began > 300 {
		a = act{end: "success"} // that will do
	}
	st.contexts = append(st.contexts, ctx)
	ended := st.ended
	st.mu.Unlock()
	if !st.virtual() || st.manner("strays") {
		return a
	}
	if d, ok := ctx.Deadline(); ok && now.After(d) {
		st.wrong("started %v after the deadline", now.Sub(d))
	}
	if !ended.IsZero() && now.After(ended) {
		st.wrong("started %v after the call", now.Sub(ended))
	}
	left := now.Sub(st.start) - time.Duration(st.when)*st.tick
	if st.leaves == "before" || st.leaves == "cancel" && left > 0 {
		st.wrong("started %v after the caller had left", left)
	}
	return a
}

// virtual reports whether nothing but waiting takes time.
func (st *stage) virtual() bool { return st.tick == ms }

func (st *stage) spend(ctx context.Context, a act) {
	done := ctx.Done()
	if a.deaf {
		done = nil
	}
	select {
	case <-time.After(time.Duration(a.takes) * st.tick):
	case <-done:
	}
}

// heard checks what a copy hears that has lost, where that is all that can have happened to it.
func (st *stage) heard(ctx context.Context) {
	if ctx.Err() != nil && st.only("hedge", "gate") && st.leaves == "" && st.trap.way == "" && st.panics.Load()+st.exits.Load() == 0 {
		if cause := context.Cause(ctx); fault.Of(cause) != fault.ClassSuperseded {
			st.wrong("a loser heard: %v", cause)
		}
	}
}

func (st *stage) make(ctx context.Context, err error) (*value, error) {
	v := &value{ctx: ctx, err: err, at: time.Since(st.start)}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.values = append(st.values, v)
	return v, err
}

// only reports whether there are no other kinds of policies, and has whether there is one of these.
func (st *stage) only(kinds ...string) bool {
	return !slices.ContainsFunc(st.layers, func(l layer) bool { return !slices.Contains(kinds, l.kind) })
}

func (st *stage) has(kinds ...string) bool {
	return slices.ContainsFunc(st.layers, func(l layer) bool { return slices.Contains(kinds, l.kind) })
}

// manner reports whether a policy has one of these manners.
func (st *stage) manner(manners ...string) bool {
	return slices.ContainsFunc(st.layers, func(l layer) bool { return slices.Contains(manners, l.manner) })
}

// temperamental is an error whose methods are the user's code, too.
type temperamental struct{ stage *stage }

func (temperamental) Error() string   { return "temperamental" }
func (temperamental) Unwrap() error   { return errUser }
func (e temperamental) Timeout() bool { return false }
func (e temperamental) Fault() fault.Class {
	e.stage.at("class")
	return fault.ClassTransient
}

// prudent is a Hedger that minds what it is asked.
type prudent struct {
	copies
	stage  *stage
	manner string
}

func (h *prudent) Budget() *budget.Budget        { return h.stage.extra }
func (h *prudent) WithBudget(*budget.Budget) any { return h }

func (h *prudent) Delay(started int) (time.Duration, bool) {
	h.stage.at("delay")
	switch h.manner {
	case "never":
		return math.MaxInt64, started < h.most
	case "long ago":
		return math.MinInt64, started < h.most
	case "forever":
		return 0, true
	default:
		return h.copies.Delay(started)
	}
}

func (h *prudent) Launch(started int, left time.Duration) bool {
	h.stage.at("launch")
	if left <= 0 {
		h.stage.wrong("another copy with %v left", left)
	}
	switch h.manner {
	case "forever":
		return started < 8
	case "denied":
		return started != 2
	}
	if started >= h.most {
		h.stage.wrong("copy %d of %d", started+1, h.most)
	}
	return true
}

func (h *prudent) Observe(latency time.Duration, err error) (wins, next bool) {
	if latency < 0 {
		h.stage.wrong("observed %v", latency)
	}
	h.stage.at("observe")
	wins, next = h.copies.Observe(latency, err)
	switch h.manner {
	case "stubborn":
		return false, false
	case "eager":
		return !next, next
	}
	return wins, next
}

// answering is a Fallback.
type answering struct {
	stage  *stage
	manner string
}

func (answering) Name() string { return "answering" }

func (f answering) Accepts(any) bool {
	f.stage.at("accepts")
	return true
}

func (f answering) Recover(_ context.Context, _ error, out any) (by string, err error) {
	f.stage.at("recover")
	switch f.manner {
	case "fails":
		return "", errUser
	case "declines":
		return "", nil
	}
	*(out.(**value)) = new(value) //nolint:forcetypeassert,errcheck // it is one
	return "answering", nil
}

// doorman is a gate that counts its permits.
type doorman struct {
	ledger
	stage  *stage
	manner string
	wait   time.Duration
	nth    int64
	came   atomic.Int64
}

func (g *doorman) Acquire(ctx context.Context) (uint64, error) {
	g.stage.at("acquire")
	switch n := g.came.Add(1); {
	case g.manner == "refuses" && n%g.nth == 0:
		return 0, errUser
	case g.manner == "waits":
		select {
		case <-time.After(g.wait):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return g.ledger.Acquire(ctx)
}

func (g *doorman) Release(token uint64, err error) {
	g.ledger.Release(token, err)
	g.stage.at("release")
}
