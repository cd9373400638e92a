package ductile_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

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

const never = time.Duration(math.MaxInt64)

var unlimited = budget.Unlimited()

// attempts makes a retry that waits a second, without jitter, whatever it meets.
func attempts(n int, options ...retry.Option) *retry.Policy {
	return retry.New(append([]retry.Option{
		retry.Attempts(n), retry.Constant(time.Second), retry.NoJitter(), retry.MaxHint(0), retry.OverloadBase(0), retry.Budget(unlimited),
	}, options...)...)
}

func TestPlan(t *testing.T) {
	const s = time.Second
	hedged := func(extra int, after time.Duration) *hedge.Policy {
		return hedge.New(hedge.Extra(extra), hedge.After(after), hedge.Budget(unlimited))
	}
	asked := fallback.Func(func(context.Context, error) (int, error) { panic("asked") })
	type policies = []ductile.Policy
	for name, row := range map[string]struct {
		policies
		attempts, atOnce int
		latency, deaf    time.Duration
	}{
		"no policies":                     {nil, 1, 1, never, never},
		"a timeout":                       {policies{timeout.New(s)}, 1, 1, s, never},
		"the shorter of two, outside":     {policies{timeout.New(s), timeout.New(2 * s)}, 1, 1, s, never},
		"the shorter of two, inside":      {policies{timeout.New(2 * s), timeout.New(s)}, 1, 1, s, never},
		"a timeout that is asked":         {policies{timeout.From(func(context.Context) time.Duration { panic("asked") })}, 1, 1, never, never},
		"attempts":                        {policies{attempts(3)}, 3, 1, never, never},
		"attempts with a timeout":         {policies{attempts(3), timeout.New(5 * s)}, 3, 1, 17 * s, never},
		"and a timeout of the call":       {policies{timeout.New(10 * s), attempts(3), timeout.New(5 * s)}, 3, 1, 10 * s, never},
		"which is not needed":             {policies{timeout.New(20 * s), attempts(3), timeout.New(5 * s)}, 3, 1, 17 * s, never},
		"hints":                           {policies{attempts(3, retry.MaxHint(4*s)), timeout.New(5 * s)}, 3, 1, 23 * s, never},
		"a time for attempts":             {policies{attempts(9, retry.Elapsed(6*s)), timeout.New(5 * s)}, 9, 1, 11 * s, never},
		"a time for attempts that do fit": {policies{attempts(2, retry.Elapsed(60*s)), timeout.New(5 * s)}, 2, 1, 11 * s, never},
		"a retry in a retry":              {policies{attempts(3), attempts(2), timeout.New(5 * s)}, 6, 1, 35 * s, never},
		"with a timeout between":          {policies{attempts(3), timeout.New(8 * s), attempts(2), timeout.New(5 * s)}, 6, 1, 26 * s, never},
		"any number of attempts":          {policies{attempts(math.MaxInt), timeout.New(5 * s)}, math.MaxInt, 1, never, never},
		"in a time":                       {policies{timeout.New(7 * s), attempts(math.MaxInt), timeout.New(5 * s)}, math.MaxInt, 1, 7 * s, never},
		"a budget without a grant":        {policies{attempts(3, retry.Budget(budget.None())), timeout.New(5 * s)}, 1, 1, 5 * s, never},
		"more than can be counted":        {policies{attempts(math.MaxInt/2 + 2), attempts(2), timeout.New(s)}, math.MaxInt, 1, never, never},
		"as many as can be counted":       {policies{attempts(math.MaxInt / 2), attempts(2), timeout.New(s)}, math.MaxInt - 1, 1, never, never},
		"years":                           {policies{attempts(2), timeout.New(never - s)}, 2, 1, never, never},
		"copies":                          {policies{hedged(2, s), timeout.New(5 * s)}, 3, 3, 7 * s, never},
		"copies that are late":            {policies{hedged(2, 9*s), timeout.New(5 * s)}, 3, 1, 15 * s, never},
		"copies that are just late":       {policies{hedged(1, 5*s), timeout.New(5 * s)}, 2, 2, 10 * s, never},
		"copies at once":                  {policies{hedged(2, 0), timeout.New(5 * s)}, 3, 3, 5 * s, never},
		"copies in a time":                {policies{timeout.New(2 * s), hedged(5, s)}, 6, 2, 2 * s, never},
		"copies in a little more":         {policies{timeout.New(2*s + 1), hedged(5, s)}, 6, 3, 2*s + 1, never},
		"copies when they are slow":       {policies{hedge.New(hedge.Budget(unlimited)), timeout.New(5 * s)}, 2, 2, 10 * s, never},
		"but not too late":                {policies{hedge.New(hedge.Budget(unlimited), hedge.MaxDelay(s)), timeout.New(5 * s)}, 2, 2, 6 * s, never},
		"copies without a share":          {policies{hedge.New(hedge.Budget(budget.New(budget.Share(0)))), timeout.New(5 * s)}, 1, 1, 5 * s, never},
		"copies of attempts of copies":    {policies{hedged(1, s), attempts(3), hedged(2, s), timeout.New(5 * s)}, 18, 6, 24 * s, never},
		"copies that permits bound":       {policies{hedged(5, s), bulkhead.New(2), hedged(1, s), timeout.New(5 * s)}, 12, 4, 11 * s, never},
		"queues": {policies{attempts(2), bulkhead.New(2, bulkhead.Queue(1, 3*s)), ratelimit.New(1, 1, ratelimit.Wait(2*s)), timeout.New(5 * s)},
			2, 1, 21 * s, never},
		"a breaker":                    {policies{breaker.New(), timeout.New(5 * s)}, 1, 1, 5 * s, never},
		"a value instead":              {policies{fallback.Value(1), timeout.New(5 * s)}, 1, 1, 5 * s, never},
		"a function instead":           {policies{asked, timeout.New(5 * s)}, 1, 1, never, never},
		"a function instead in a time": {policies{timeout.New(9 * s), asked, timeout.New(5 * s)}, 1, 1, 9 * s, never},
		"who does not wait":            {policies{attempts(2), timeout.New(5*s, timeout.Detached())}, 2, 1, 11 * s, 11 * s},
		"inside of who does":           {policies{timeout.New(8 * s), attempts(2), timeout.New(5*s, timeout.Detached())}, 2, 1, 8 * s, 8 * s},
		"around who does":              {policies{attempts(2), timeout.New(5*s, timeout.Detached()), timeout.New(2 * s)}, 2, 1, 5 * s, 11 * s},
		"a wait outside of who does":   {policies{timeout.New(8 * s), asked, timeout.New(5*s, timeout.Detached())}, 1, 1, 8 * s, never},
	} {
		t.Run(name, func(t *testing.T) {
			p := ductile.NewConcurrent("p", row.policies...)
			plan := p.Plan()
			assert.Equal(t, row.attempts, plan.Attempts, "attempts")
			assert.Equal(t, row.atOnce, plan.AtOnce, "at once")
			assert.Equal(t, row.latency, plan.Latency, "latency")
			assert.Equal(t, row.deaf, plan.Deaf, "deaf")
			assert.Len(t, plan.Layers, len(row.policies)+1)
			assert.Equal(t, plan, p.With().Plan(), "a copy is the same")
		})
	}
}

func TestPlanOfLoad(t *testing.T) {
	shared := budget.New(budget.Share(0.5), budget.Floor(2))
	rich, richer := budget.New(budget.Share(1.5), budget.Floor(0)), budget.New(budget.Share(5), budget.Floor(7))
	of := func(n int, b *budget.Budget) ductile.Policy { return retry.New(retry.Attempts(n), retry.Budget(b)) }
	copies := func(n int, b *budget.Budget) ductile.Policy { return hedge.New(hedge.Extra(n-1), hedge.Budget(b)) }
	for name, row := range map[string]struct {
		policies    []ductile.Policy
		load, floor float64
	}{
		"no policies":                 {nil, 1, 0},
		"the budget of the pipeline":  {[]ductile.Policy{retry.New(), hedge.New(), retry.New(retry.Name("again"))}, 1.2, 1},
		"of a hedge":                  {[]ductile.Policy{hedge.New()}, 1.2, 0},
		"of its own":                  {[]ductile.Policy{of(3, shared)}, 1.5, 2},
		"no more than all attempts":   {[]ductile.Policy{of(2, budget.New(budget.Share(5)))}, 2, 0},
		"none":                        {[]ductile.Policy{of(3, budget.None())}, 1, 0},
		"unlimited":                   {[]ductile.Policy{of(3, unlimited)}, 3, 0},
		"unlimited, and in numbers":   {[]ductile.Policy{of(math.MaxInt, unlimited)}, math.Inf(1), 0},
		"of two":                      {[]ductile.Policy{of(3, shared), of(3, budget.New())}, 1.7, 3},
		"unlimited inside":            {[]ductile.Policy{of(3, shared), of(3, unlimited)}, 4.5, 6},
		"unlimited outside":           {[]ductile.Policy{of(3, unlimited), of(3, shared)}, 3.5, 2},
		"unlimited between":           {[]ductile.Policy{of(3, shared), of(3, unlimited), of(3, shared)}, 4.5, 6},
		"what the outermost leaves":   {[]ductile.Policy{of(2, budget.New(budget.Share(2))), copies(5, unlimited)}, 10, 0},
		"a share that is used up":     {[]ductile.Policy{of(2, rich), of(3, rich)}, 2.5, 0},
		"a floor that is used up":     {[]ductile.Policy{of(3, shared), of(2, richer), of(3, richer)}, 6.5, 9},
		"a hedge that gets the share": {[]ductile.Policy{of(3, shared), copies(2, shared)}, 1.5, 2},
	} {
		t.Run(name, func(t *testing.T) {
			plan := ductile.NewConcurrent("p", row.policies...).Plan()
			assert.InDelta(t, row.load, plan.Load, 1e-9)
			assert.InDelta(t, row.floor, plan.LoadFloor, 1e-9)
		})
	}
}

// Policies that do not say what they do at worst.
type (
	strange       struct{}
	strangeGate   struct{ strange }
	strangeRetry  struct{ strange }
	strangeHedge  struct{ strange }
	strangeLimit  struct{ strange }
	strangeAround struct{ strange }
	strangeAnswer struct{ strange }
)

func (strange) Name() string                                              { return "strange" }
func (strangeGate) Acquire(context.Context) (uint64, error)               { return 0, nil }
func (strangeGate) Release(uint64, error)                                 {}
func (strangeRetry) Start() any                                           { return nil }
func (strangeRetry) Settle(any, int, int, time.Duration, error)           {}
func (strangeHedge) Delay(int) (time.Duration, bool)                      { return 0, false }
func (strangeHedge) Launch(int, time.Duration) bool                       { return false }
func (strangeHedge) Observe(time.Duration, error) (bool, bool)            { return true, false }
func (strangeLimit) Timeout(context.Context) time.Duration                { return time.Second }
func (strangeLimit) Exceeded(_ time.Duration, cause error) error          { return cause }
func (strangeAnswer) Accepts(any) bool                                    { return true }
func (strangeAnswer) Recover(context.Context, error, any) (string, error) { return "", nil }
func (strangeRetry) Next(any, int, error, time.Duration) (time.Duration, error) {
	return 0, fault.ErrFinal
}
func (strangeAround) Around(ctx context.Context, next func(context.Context) error) error {
	return next(ctx)
}

// A policy that does not say what it does is not guessed at; what is known all the same still holds.
func TestPlanOfTheUnknown(t *testing.T) {
	for name, row := range map[string]struct {
		policy           ductile.Policy
		attempts, atOnce int
		latency          time.Duration // with a second in it
		load             float64
	}{
		"gate":       {strangeGate{}, 1, 1, never, 1},
		"retrier":    {strangeRetry{}, math.MaxInt, 1, never, math.Inf(1)},
		"hedger":     {strangeHedge{}, math.MaxInt, math.MaxInt, never, math.Inf(1)},
		"deadline":   {strangeLimit{}, 1, 1, time.Second, 1},
		"fallback":   {strangeAnswer{}, 1, 1, never, 1},
		"middleware": {strangeAround{}, math.MaxInt, math.MaxInt, never, math.Inf(1)},
	} {
		t.Run(name, func(t *testing.T) {
			plan := ductile.NewConcurrent("p", row.policy, timeout.New(time.Second)).Plan()
			assert.Equal(t, row.attempts, plan.Attempts)
			assert.Equal(t, row.atOnce, plan.AtOnce)
			assert.Equal(t, row.latency, plan.Latency)
			assert.Equal(t, row.load, plan.Load)
			assert.False(t, plan.Layers[0].Known)
			assert.True(t, plan.Layers[1].Known)
			assert.Empty(t, plan.Warnings, "nothing is held against it")
			assert.Contains(t, plan.String(), "does not say what it does at worst")
			assert.NotContains(t, plan.Layers[1].Text, "unknown")

			plan = ductile.NewConcurrent("p", timeout.New(3*time.Second), row.policy).Plan()
			assert.Equal(t, 3*time.Second, plan.Latency, "a timeout around it still holds")
			assert.Empty(t, plan.Warnings)
		})
	}
}

// A gate or middleware of one's own says what it does by a method.
type frank struct {
	strange
	calls, atOnce int
	takes         time.Duration
}

func (frank) Around(ctx context.Context, next func(context.Context) error) error { return next(ctx) }
func (f frank) Worst() (calls, atOnce int, own time.Duration)                    { return f.calls, f.atOnce, f.takes }

// lax allows any time, and says so.
type lax struct{ strangeLimit }

func (lax) Worst() time.Duration { return 0 }

func TestPlanOfOnesOwn(t *testing.T) {
	plan := ductile.NewConcurrent("p", frank{calls: 3, atOnce: 2, takes: time.Second}, timeout.New(time.Second)).Plan()
	assert.Equal(t, 3, plan.Attempts)
	assert.Equal(t, 2, plan.AtOnce)
	assert.Equal(t, 4*time.Second, plan.Latency)
	assert.InDelta(t, 3, plan.Load, 0)
	assert.Equal(t, "calls what is inside 3 times, takes 1s itself", plan.Layers[0].Text)

	plan = ductile.New("p", lax{}).Plan()
	assert.Equal(t, never, plan.Latency, "zero is no limit")
	assert.Empty(t, plan.Warnings)
}

// What a call comes to in all, and why there is no saying.
func TestPlanInWords(t *testing.T) {
	const s = time.Second
	asked := fallback.Func(func(context.Context, error) (int, error) { return 0, nil })
	for name, row := range map[string]struct {
		policies []ductile.Policy
		ends     string
	}{
		"a bound":           {[]ductile.Policy{timeout.New(s)}, "in all: 1 attempt, 1 at once, ended within 1s\n"},
		"for the deaf, too": {[]ductile.Policy{timeout.New(s, timeout.Detached())}, "ended within 1s whether the function heeds its context or not\n"},
		"no timeout":        {[]ductile.Policy{attempts(3)}, "in all: 3 attempts, 1 at once, no bound on the time: no timeout limits the function\n"},
		"the unknown":       {[]ductile.Policy{strangeGate{}, timeout.New(s)}, "no bound on the time: \"strange\" does not say what it does at worst\n"},
		"none around":       {[]ductile.Policy{asked, timeout.New(s)}, "no bound on the time: no timeout is around \"fallback\"\n"},
		"endless":           {[]ductile.Policy{attempts(math.MaxInt), timeout.New(s)}, "any number of attempts, 1 at once, no bound on the time: no timeout is around \"retry\"\n"},
		"load":              {[]ductile.Policy{retry.New()}, "if all calls fail: 1.2 attempts for each call, and 1 a second besides\n"},
		"no load":           {nil, "if all calls fail: 1 attempt for each call\n"},
		"any load":          {[]ductile.Policy{attempts(math.MaxInt)}, "if all calls fail: no bound, for there is neither a limit of attempts nor a budget\n"},
		"unknown load":      {[]ductile.Policy{strangeRetry{}, timeout.New(s)}, "no bound is known, for \"strange\" does not say what it does at worst\n"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Contains(t, ductile.NewConcurrent("p", row.policies...).Plan().String()+"\n", row.ends)
		})
	}
	for _, row := range []struct {
		text   string
		policy ductile.Policy
	}{
		{"1 attempt", retry.New(retry.Attempts(1))},
		{"3 attempts", attempts(3, retry.Constant(0))},
		{"3 attempts, and waits of up to 2s in all", attempts(3)},
		{"3 attempts, and waits of up to 2s in all, 6s where the dependency asks for it", attempts(3, retry.MaxHint(3*s))},
		{"3 attempts, and waits that a function decides", attempts(3, retry.Schedule(func(int) time.Duration { return 0 }))},
		{"any number of attempts, and waits between them; the last begins within 9s", attempts(math.MaxInt, retry.Elapsed(9*s))},
		{"1 copy", hedge.New(hedge.Extra(0))},
		{"3 copies, one after another or 1s apart", hedge.New(hedge.Extra(2), hedge.After(s))},
		{"2 copies, one after another or at least 1ms apart", hedge.New()},
		{"adds no time", breaker.New()},
		{"waits up to 1s; lets in 3 at once", bulkhead.New(3, bulkhead.Queue(1, s))},
		{"leaves room: allows 9s", timeout.New(9 * s)},
		{"cuts 5s to 4s, and does not wait for it", timeout.New(4*s, timeout.Detached())},
		{"asks for each call how long it may take: no bound is known", timeout.From(func(context.Context) time.Duration { return 0 })},
		{"answers at once", fallback.Value(1)},
		{"asks a function, which may take any time", asked},
		{"calls what is inside 1 time", frank{calls: 1}},
	} {
		plan := ductile.NewConcurrent("p", row.policy, timeout.New(5*s)).Plan()
		assert.Equal(t, row.text, plan.Layers[0].Text)
	}
}
