package ductile_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

// Each warning beside what is nearly the same, and right.
func TestWarnings(t *testing.T) {
	const s = time.Second
	total, each := timeout.New(20*s, timeout.Name("total")), timeout.New(5*s, timeout.Name("each"))
	detached := timeout.New(5*s, timeout.Name("detached"), timeout.Detached())
	again := retry.New(retry.Name("again"))
	permits := bulkhead.New(8)
	asked := timeout.From(func(context.Context) time.Duration { return 0 }, timeout.Name("asked"))
	waiting := func(options ...retry.Option) ductile.Policy { return retry.New(options...) }
	type policies = []ductile.Policy
	type warning struct{ code, policy string }
	for name, row := range map[string]struct {
		policies
		warnings []warning
	}{
		"no policies":                       {nil, []warning{{"no-deadline", ""}}},
		"no deadline":                       {policies{waiting(), breaker.New(), permits}, []warning{{"no-deadline", ""}}},
		"a deadline around an attempt":      {policies{waiting(), each}, nil},
		"around any number of them":         {policies{waiting(retry.UnlimitedAttempts()), each}, []warning{{"no-deadline", "retry"}}},
		"and of the call":                   {policies{total, waiting(retry.UnlimitedAttempts()), each}, nil},
		"one that is asked":                 {policies{asked, waiting(retry.UnlimitedAttempts()), each}, nil},
		"or a time for them":                {policies{waiting(retry.UnlimitedAttempts(), retry.Elapsed(s)), each}, nil},
		"a middleware that may have one":    {policies{strangeAround{}}, nil},
		"one that has none":                 {policies{frank{calls: 1}}, []warning{{"no-deadline", ""}}},
		"a fallback that may take any time": {policies{fallback.Func(func(context.Context, error) (int, error) { return 0, nil }), total}, nil},

		"an inner timeout that is longer":      {policies{each, total}, []warning{{"timeout-not-below", "total"}}},
		"or as long":                           {policies{each, each}, []warning{{"timeout-not-below", "each"}}},
		"or longer than the shortest around":   {policies{total, each, total}, []warning{{"timeout-not-below", "total"}}},
		"or shorter":                           {policies{total, each}, nil},
		"or asked":                             {policies{each, asked}, nil},
		"one inside of one that is asked":      {policies{asked, each}, nil},
		"one that is detached ends the wait":   {policies{each, timeout.New(9*s, timeout.Detached())}, nil},
		"one inside of one that is detached":   {policies{detached, total}, []warning{{"timeout-not-below", "total"}}},
		"a timeout around two attempts, twice": {policies{total, timeout.New(12 * s), waiting(retry.Attempts(2)), each}, nil},

		"a retry in a retry":          {policies{total, waiting(retry.Attempts(2)), again}, []warning{{"retry-in-retry", "again"}}},
		"with time for all of it":     {policies{total, waiting(retry.Attempts(2)), again, timeout.New(s)}, []warning{{"retry-in-retry", "again"}}},
		"one of a single attempt":     {policies{total, waiting(), retry.New(retry.Attempts(1))}, nil},
		"in one of a single attempt":  {policies{total, retry.New(retry.Attempts(1)), waiting()}, nil},
		"one without a grant":         {policies{total, waiting(), retry.New(retry.Budget(budget.None()))}, nil},
		"a retry without a budget":    {policies{total, retry.New(retry.Budget(unlimited))}, []warning{{"retry-without-budget", "retry"}}},
		"that makes a single attempt": {policies{total, retry.New(retry.Budget(unlimited), retry.Attempts(1))}, nil},
		"a retry with a budget":       {policies{total, retry.New(retry.Budget(budget.New()))}, nil},
		"a hedge without a budget":    {policies{total, hedge.New(hedge.Budget(unlimited))}, []warning{{"hedge-without-budget", "hedge"}}},
		"that only observes":          {policies{total, hedge.New(hedge.Budget(unlimited), hedge.Extra(0))}, nil},
		"a hedge with a budget":       {policies{total, hedge.New()}, nil},
		"a retry around a hedge":      {policies{total, waiting(), hedge.New(), timeout.New(s)}, nil},
		"a fallback below a retry":    {policies{total, waiting(), fallback.Value(1)}, []warning{{"fallback-below-retry", "fallback"}}},
		"a fallback around a retry":   {policies{total, fallback.Value(1), waiting()}, nil},
		"below one of a single try":   {policies{total, waiting(retry.Attempts(1)), fallback.Value(1)}, nil},
		"a permit around a retry":     {policies{total, permits, waiting()}, []warning{{"permit-held-in-backoff", "bulkhead"}}},
		"that waits for nothing":      {policies{total, permits, waiting(retry.Constant(0), retry.MaxHint(0), retry.OverloadBase(0))}, nil},
		"a permit for an attempt":     {policies{total, waiting(), permits}, nil},
		"a breaker around a retry":    {policies{total, breaker.New(), waiting()}, nil},
		"a limiter around a retry":    {policies{total, ratelimit.New(1, 1), waiting()}, nil},
		"around two retries, one word": {policies{total, permits, waiting(), again},
			[]warning{{"permit-held-in-backoff", "bulkhead"}, {"retry-in-retry", "again"}}},
		"a permit that comes back":   {policies{permits, detached}, []warning{{"permit-back-too-soon", "bulkhead"}}},
		"one that does not":          {policies{detached, permits}, nil},
		"a breaker that hears early": {policies{breaker.New(), detached}, nil},
		"waits beyond the deadline": {policies{timeout.New(4 * s), waiting(retry.Constant(2*s), retry.Attempts(3))},
			[]warning{{"backoff-beyond-deadline", "retry"}}},
		"waits that fit":           {policies{timeout.New(4*s + 1), waiting(retry.Constant(2*s), retry.Attempts(3))}, nil},
		"waits that others decide": {policies{timeout.New(s), waiting(retry.Schedule(func(int) time.Duration { return time.Hour }))}, nil},
		"attempts beyond the deadline": {policies{timeout.New(17*s - 1), waiting(retry.Constant(s)), each},
			[]warning{{"attempts-beyond-deadline", "retry"}}},
		"attempts that just fit": {policies{timeout.New(17 * s), waiting(retry.Constant(s)), each}, nil},
		"without the queue": {policies{timeout.New(17 * s), waiting(retry.Constant(s)), bulkhead.New(1, bulkhead.Queue(1, s)), each},
			[]warning{{"attempts-beyond-deadline", "retry"}}},
		"attempts as far as the time goes": {policies{timeout.New(6 * s), waiting(retry.UnlimitedAttempts()), each}, nil},
		"at once":                          {policies{timeout.New(6 * s), waiting(retry.UnlimitedAttempts(), retry.Constant(0)), each}, nil},
		"attempts of any length":           {policies{timeout.New(6 * s), waiting()}, nil},
		"attempts with a copy of each":     {policies{timeout.New(16 * s), waiting(retry.Constant(1)), hedge.New(), each}, nil},
		"attempts with a late copy of each": {policies{timeout.New(16 * s), waiting(retry.Constant(1)), hedge.New(hedge.After(s)), each},
			[]warning{{"attempts-beyond-deadline", "retry"}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ductile.NewConcurrent("p", row.policies...)
			var got []warning
			for _, w := range p.Plan().Warnings {
				got = append(got, warning{w.Code, w.Policy})
				assert.Regexp(t, `^[a-z]+(-[a-z]+)*$`, w.Code)
				for _, sentence := range []string{w.Text, w.Remedy} {
					assert.Regexp(t, `^["A-Z0-9][^.]*(\.\d[^.]*)*\.$`, sentence, "one sentence")
				}
				assert.Equal(t, w.Code+": "+w.Text+" "+w.Remedy, w.String())
				assert.Contains(t, p.Plan().String(), "\nwarning "+w.String())
			}
			assert.Equal(t, row.warnings, got)
		})
	}
}

// A timeout that never passes is told of with the one that passes before.
func TestTheWarningNamesTheShortestTimeout(t *testing.T) {
	p := ductile.New("p", timeout.New(4*time.Second), timeout.New(2*time.Second, timeout.Name("short")), timeout.New(3*time.Second))
	assert.Equal(t, []ductile.Warning{{
		Code: "timeout-not-below", Policy: "timeout", Text: `The inner "timeout" (3s) never passes before "short" around it (2s).`,
		Remedy: "Make the inner timeout shorter, or leave it out.",
	}}, p.Plan().Warnings)
}

// Who follows the README or takes what is ready is not warned of anything.
func TestNobodyCriesWolf(t *testing.T) {
	for _, p := range []*ductile.Pipeline{
		standard.Client("client"), standard.Server("server"), standard.Client("client", standard.Fallback(fallback.Value(1))),
		ductile.New("inventory",
			fallback.Value(1), timeout.New(2*time.Second), retry.New(), breaker.New(breaker.Name("inventory")), bulkhead.New(64),
			timeout.New(300*time.Millisecond),
		),
	} {
		assert.Empty(t, p.Plan().Warnings, p)
	}
}

// Functions of the user's may do anything, so a plan leaves them alone.
func TestNothingIsCalledForAPlan(t *testing.T) {
	p := ductile.New("p",
		timeout.From(func(context.Context) time.Duration { panic(errors.New("asked")) }),
		fallback.Func(func(context.Context, error) (int, error) { panic(errors.New("asked")) }),
		retry.New(retry.Schedule(func(int) time.Duration { panic(errors.New("asked")) })),
	)
	assert.NotPanics(t, func() { _ = p.Plan().String() })
}
