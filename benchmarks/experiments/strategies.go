package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/failsafe-go/failsafe-go"
	failsafebudget "github.com/failsafe-go/failsafe-go/budget"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// retryStrategies is the simulation in which a dependency fails a share of what it is asked, and clients repeat it.
var retryStrategies = Experiment{
	Name:   "strategies",
	Title:  "what retries answer, and what they cost, while a dependency fails",
	Source: "Brooker, Fixing retries with token buckets and circuit breakers, 2022; mbrooker/simulator_example, retry_sim",
	Setup: []string{
		"Each attempt fails with probability f. 10 clients a seed make 400 calls each, at random, 10 a second; repeats are at once.",
		"success: the share of calls answered. load: attempts for each call. However it repeats, success = load × (1 - f).",
		"The source's bucket: 5 tokens, full at first, 0.1 for each call. Ours, for each client: a share of 0.1 and no floor, over the window of",
		"  10 s that is the default, about 100 calls. It begins empty, and what is earned is lost after the window: a little less than a bucket.",
		"Its breaker stops only retries, where over 10 % of all so far failed. Ours: a breaker, forced closed, counts; Retry.Classify asks it.",
		"  The source divides by calls, and ours by attempts: at f = 0.1 that decides, so there nothing is compared.",
		"Breakers that refuse calls, which the source does not run: 10 % of at least 20 calls in 10 s; open for 5 s; 5 probes in a row close.",
		"failsafe-go: 3 retries, WithBudget of rate 0.1 and no minimum, for each client, and shared by all with attempts that take 20 ms;",
		"  it counts what is in flight. Ours is shared, too, to compare.",
		"References: the source's rules rerun (50 clients, 400 calls each), and closed forms: without a bound, and with a budget used up.",
	},
	Seeds: strategiesSeeds,
	Run:   runStrategies,
}

const strategiesSeeds = 20

const (
	failsafeGo    = "failsafe-go 0.9.8"
	retryableHTTP = "go-retryablehttp 0.7.8"
	unbound       = 3 // retries
)

// repeated is what came of one run: shares of the calls.
type repeated struct{ success, load float64 }

// A strategy makes calls for a client: each client has one of its own unless it is shared.
type strategy struct {
	who, name string
	make      func(seed uint64) func(attempt func() error) error
	shared    bool
}

// strategies returns those that are compared, at a share for budgets: a tenth.
func strategies(share float64) []strategy {
	ours := func(name string, shared bool, policies func() []ductile.Policy) strategy {
		return strategy{"ductile", name, func(seed uint64) func(func() error) error {
			all := policies()
			for i, p := range all {
				if b, ok := p.(*breaker.Breaker); ok {
					b.DrawFrom(newSource(seed, 10+uint64(i)))
				}
			}
			p := ductile.New("dependency", all...)
			return func(attempt func() error) error {
				return ductile.Run(context.Background(), p, func(context.Context) error { return attempt() })
			}
		}, shared}
	}
	theirs := func(name string, shared bool, policies func() []failsafe.Policy[any]) strategy {
		return strategy{failsafeGo, name, func(uint64) func(func() error) error { return failsafe.With(policies()...).Run }, shared}
	}
	again := func(attempts int, b *budget.Budget, options ...retry.Option) ductile.Policy {
		return retry.New(append(options, retry.Attempts(attempts), retry.Constant(0), retry.Budget(b))...)
	}
	tenth := func() *budget.Budget { return budget.New(budget.Share(share), budget.Floor(0)) }
	theirBudget := func() []failsafe.Policy[any] {
		b := failsafebudget.NewBuilder().WithMaxRate(share).WithMinConcurrency(0).Build()
		return []failsafe.Policy[any]{retrypolicy.NewBuilder[any]().WithMaxRetries(unbound).WithBudget(b).Build()}
	}
	return []strategy{
		ours("none", false, func() []ductile.Policy { return []ductile.Policy{again(1, budget.None())} }),
		ours("3 retries", false, func() []ductile.Policy { return []ductile.Policy{again(1+unbound, budget.Unlimited())} }),
		ours("budget", false, func() []ductile.Policy { return []ductile.Policy{again(1+unbound, tenth())} }),
		ours("shared budget", true, func() []ductile.Policy { return []ductile.Policy{again(1+unbound, tenth())} }),
		ours("retry breaker", false, func() []ductile.Policy {
			const rate = 0.1
			counts := breaker.New(breaker.CountWindow(4096))
			counts.ForceClosed()
			return []ductile.Policy{again(1+unbound, budget.Unlimited(), retry.Classify(func(err error) fault.Class {
				if class := fault.Of(err); !class.Failure() || counts.Snapshot().Counts.FailureRate() <= rate {
					return class
				}
				return fault.ClassPermanent // which is not repeated
			})), counts}
		}),
		ours("breaker", false, func() []ductile.Policy {
			return []ductile.Policy{again(1+unbound, budget.Unlimited()), breaker.New(breaker.FailureRate(0.1), breaker.ConsecutiveFailures(0),
				breaker.OpenTimeGrowth(1, 5*time.Second), breaker.OpenTimeJitter(0))}
		}),
		theirs("3 retries", false, func() []failsafe.Policy[any] {
			return []failsafe.Policy[any]{retrypolicy.NewBuilder[any]().WithMaxRetries(unbound).Build()}
		}),
		theirs("budget", false, theirBudget),
		theirs("shared budget", true, theirBudget),
		theirs("breaker", false, func() []failsafe.Policy[any] {
			return []failsafe.Policy[any]{
				retrypolicy.NewBuilder[any]().WithMaxRetries(unbound).Build(),
				circuitbreaker.NewBuilder[any]().WithFailureRateThreshold(0.1, 20, 10*time.Second).
					WithDelay(5 * time.Second).WithSuccessThreshold(5).Build(),
			}
		}),
	}
}

var errDown = errors.New("the dependency has failed")

// runStrategy makes the calls of so many clients, to a dependency that fails a share f.
func runStrategy(seed uint64, s strategy, f float64, clients, calls int) repeated {
	dice := rand.New(newSource(seed, 1))
	coins := rand.New(newSource(seed, 2))
	if s.shared {
		return runShared(dice, coins, s.make(seed), f, clients*calls)
	}
	all := make([]func(func() error) error, clients)
	for i := range all {
		all[i] = s.make(seed*1000 + uint64(i))
	}
	answered, attempts := 0, 0
	attempt := func() error {
		attempts++
		if coins.Float64() < f {
			return errDown
		}
		return nil
	}
	for range clients * calls {
		time.Sleep(time.Duration(dice.ExpFloat64() * float64(100*time.Millisecond) / float64(clients)))
		if all[dice.IntN(clients)](attempt) == nil {
			answered++
		}
	}
	n := float64(clients * calls)
	return repeated{float64(answered) / n, float64(attempts) / n}
}

// series are a strategy's results over the rates of failure.
type series struct {
	strategy
	rates         []float64
	success, load []Estimate
}

func runStrategies(l *Lab) *Findings { return compareStrategies(l, strategiesSeeds, 0.1, failureRates) }

// failureRates are the shares f of attempts that fail: those of the source's rerun, and, only to draw, some between.
var failureRates = []float64{0.01, 0.05, 0.1, 0.15, 0.2, 0.35, 0.5, 0.65, 0.85, 1}

// drawn reports whether a rate is only drawn.
func drawn(f float64) bool { return f == 0.15 || f == 0.35 || f == 0.65 || f == 0.85 }

// compareStrategies compares them at some rates, among which are 0.05 and 0.5, with budgets of a share.
func compareStrategies(l *Lab, n int, share float64, rates []float64) *Findings {
	f, all := new(Findings), []series{}
	for _, s := range strategies(share) {
		line := series{strategy: s, rates: rates}
		for _, rate := range rates {
			outcomes := seeds(l, fmt.Sprintf("%s: %s, f = %v", s.who, s.name, rate), n, func(seed uint64) repeated {
				return runStrategy(seed, s, rate, 10, 400)
			})
			line.success = append(line.success, over(outcomes, func(r repeated) float64 { return r.success }))
			line.load = append(line.load, over(outcomes, func(r repeated) float64 { return r.load }))
		}
		f.strategy(line)
		all = append(all, line)
	}
	f.strategyOrders(all)
	f.Plots = strategyPlots(all)
	return f
}

// rerun is the success and the load that the source's own rules gave, rerun, by its rate of failure.
var rerun = map[string]map[float64]repeated{
	"budget":        {0.01: {1.000, 1.008}, 0.05: {0.9999, 1.049}, 0.1: {0.987, 1.097}, 0.2: {0.883, 1.109}, 0.5: {0.555, 1.110}, 1: {0, 1.11}},
	"retry breaker": {0.01: {0.9997, 1.011}, 0.05: {0.996, 1.049}, 0.2: {0.803, 1.001}, 0.5: {0.503, 1}, 1: {0, 1}},
}

// expected returns what a strategy is to be compared with at a rate of failure, and where that is from.
func expected(s strategy, f float64) (want repeated, from string, within float64) {
	switch {
	case s.name == "none":
		return unbounded(0, f), "derived", 0.03
	case s.name == "3 retries":
		return unbounded(unbound, f), "derived", 0.03
	case s.who == "ductile" && rerun[s.name][f] != repeated{}:
		return rerun[s.name][f], "source's rules rerun", 0.03
	case s.who == "ductile" && (s.name == "budget" || s.name == "shared budget") && f >= 0.2:
		return repeated{(1 - f) * 1.1, 1.1}, "derived, used up", 0.03
	default:
		return repeated{}, "", 0
	}
}

// unbounded is what comes of so many retries that nothing bounds.
func unbounded(retries int, f float64) repeated {
	success := 1 - math.Pow(f, float64(retries+1))
	if f == 1 {
		return repeated{0, float64(retries + 1)}
	}
	return repeated{success, success / (1 - f)}
}

// strategy adds the results of a strategy.
func (f *Findings) strategy(s series) {
	for i, rate := range s.rates {
		if drawn(rate) {
			continue
		}
		success, load := fmt.Sprintf("%s, f = %v, success", s.name, rate), fmt.Sprintf("%s, f = %v, load", s.name, rate)
		want, from, within := expected(s.strategy, rate)
		if from == "" {
			f.reports(s.who, success, s.success[i])
			f.reports(s.who, load, s.load[i])
			continue
		}
		f.near(s.who, success, s.success[i], want.success, from, within)
		f.near(s.who, load, s.load[i], want.load, from, within)
	}
}
