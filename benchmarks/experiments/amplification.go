package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	failsafebudget "github.com/failsafe-go/failsafe-go/budget"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/benchmarks/drawing"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
)

// retryAmplification is five services, each of which repeats calls of the next, above a dependency that is down.
var retryAmplification = Experiment{
	Name:   "amplification",
	Title:  "what layers that retry make of one call while what is below them is down",
	Source: "Amazon Builders' Library, Timeouts, retries and backoff with jitter (243); Google, Site Reliability Engineering, chapter 22 (budgets)",
	Setup: []string{
		"1, 3 and 5 layers, each a pipeline around the next, above a leaf that always fails. 3 attempts for each layer, repeats at once.",
		"unbounded: 3 to the power of layers. With a budget of a tenth and no floor in each layer: at most 1.1 to the power of layers.",
		"Calls come at random, 500 a second for 12 s; the leaf takes 100 ms on average, so that budgets of what is in flight have something",
		"  to count. Unbounded, there are 20 calls. References: powers.",
		"default: retry.New() as it is: waits, and the pipeline's budget of a fifth and 1 a second besides. Not judged: for the floor.",
		"failsafe-go: WithMaxAttempts(3), and WithBudget of rate 0.1 and no minimum. A layer of it does not repeat what another in the same",
		"  process gave up for want of budget; between hosts it cannot know. Ours repeats it in both cases.",
		"go-retryablehttp: RetryMax 2 and no wait, over transports in memory; it has no budget.",
	},
	Seeds: amplificationSeeds,
	Run:   func(l *Lab) *Findings { return amplify(l, amplificationSeeds, 0.1) },
}

const amplificationSeeds = 20

// depths are how many layers there are.
var depths = []int{1, 3, 5}

// A layer is what one service puts around its calls of the next.
type layer func(next func(context.Context) error) func(context.Context) error

// A nest is a kind of layer, and whether anything bounds it.
type nest struct {
	who, name string
	layer     func() layer
	bounded   bool
}

// through is the layer of a pipeline.
func through(options ...retry.Option) layer {
	p := ductile.New("next", retry.New(options...))
	return func(next func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error { return ductile.Run(ctx, p, next) }
	}
}

// throughFailsafe is the layer of an executor of failsafe-go.
func throughFailsafe(p retrypolicy.Builder[any]) layer {
	e := failsafe.With[any](p.Build())
	return func(next func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error {
			return e.WithContext(ctx).RunWithExecution(func(exec failsafe.Execution[any]) error { return next(exec.Context()) })
		}
	}
}

// roundTripper makes a function a transport.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// throughRetryable is the layer of a transport of retryablehttp, which has the next as the transport inside of it.
func throughRetryable() layer {
	return func(next func(context.Context) error) func(context.Context) error {
		c := retryablehttp.NewClient()
		c.Logger, c.RetryMax = nil, 2
		c.Backoff = func(time.Duration, time.Duration, int, *http.Response) time.Duration { return 0 }
		c.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if err := next(r.Context()); err != nil {
				return nil, err
			}
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
		})}
		t := &retryablehttp.RoundTripper{Client: c}
		return func(ctx context.Context) error {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://next.test/", http.NoBody)
			if err != nil {
				return err
			}
			answer, err := t.RoundTrip(r)
			if err != nil {
				return err
			}
			return answer.Body.Close()
		}
	}
}

// overWire is a layer whose errors reach the next as those of another host do: that something failed, and not why.
func overWire(inside layer) layer {
	return func(next func(context.Context) error) func(context.Context) error {
		call := inside(next)
		return func(ctx context.Context) error {
			if call(ctx) != nil {
				return errDown
			}
			return nil
		}
	}
}

// nests are the kinds that are compared, with budgets of a share.
func nests(share float64) []nest {
	const attempts = 3
	theirs := func() layer {
		b := failsafebudget.NewBuilder().WithMaxRate(share).WithMinConcurrency(0).Build()
		return throughFailsafe(retrypolicy.NewBuilder[any]().WithMaxAttempts(attempts).WithBudget(b))
	}
	return []nest{
		{"ductile", "unbounded", func() layer {
			return through(retry.Attempts(attempts), retry.Constant(0), retry.Budget(budget.Unlimited()))
		}, false},
		{"ductile", "budget", func() layer {
			return through(retry.Attempts(attempts), retry.Constant(0), retry.Budget(budget.New(budget.Share(share), budget.Floor(0))))
		}, true},
		{"ductile", "default", func() layer { return through() }, true},
		{failsafeGo, "unbounded", func() layer {
			return throughFailsafe(retrypolicy.NewBuilder[any]().WithMaxAttempts(attempts))
		}, false},
		{failsafeGo, "budget", theirs, true},
		{failsafeGo, "budget, between hosts", func() layer { return overWire(theirs()) }, true},
		{retryableHTTP, "unbounded", throughRetryable, false},
	}
}

// amplified calls so many layers, and returns how often the leaf was called for each call.
func amplified(seed uint64, n nest, depth int) float64 {
	const rate, mean = 500, 100 * time.Millisecond
	dice, lengths := rand.New(newSource(seed, 1)), rand.New(newSource(seed, 2))
	calls := 20
	if n.bounded {
		calls = 12 * rate
	}
	var leaf atomic.Int64
	call := func(context.Context) error {
		leaf.Add(1)
		time.Sleep(time.Duration((0.5 + lengths.Float64()) * float64(mean)))
		return errDown
	}
	for range depth {
		call = n.layer()(call)
	}
	var all sync.WaitGroup
	for range calls {
		time.Sleep(time.Duration(dice.ExpFloat64() * float64(time.Second) / rate))
		all.Go(func() { _ = call(context.Background()) }) // that it fails is the point
	}
	all.Wait()
	return float64(leaf.Load()) / float64(calls)
}

func amplify(l *Lab, n int, share float64) *Findings {
	f := new(Findings)
	p := Plot{Chart: drawing.Chart{
		Title: "Calls of a dependency that is down, for one call of the top", X: "layers that make 3 attempts each", Y: "calls of the dependency",
		LogY: true, Dots: true,
	}}
	for _, base := range []float64{3, 1.1} {
		line := Line{Name: fmt.Sprintf("%v to the power of layers", base), Reference: true}
		for _, depth := range depths {
			line.X, line.Y = append(line.X, float64(depth)), append(line.Y, math.Pow(base, float64(depth)))
		}
		p.Lines = append(p.Lines, line)
	}
	for _, k := range nests(share) {
		line := Line{Name: k.who + ": " + k.name}
		for _, depth := range depths {
			got := estimate(seeds(l, fmt.Sprintf("%s: %s, %d layers", k.who, k.name, depth), n, func(seed uint64) float64 {
				return amplified(seed, k, depth)
			}))
			line.X, line.Y = append(line.X, float64(depth)), append(line.Y, got.Mean)
			f.amplification(k, depth, got)
		}
		if k.bounded || k.who == "ductile" { // the others are on its line
			p.Lines = append(p.Lines, line)
		}
	}
	f.lacks(retryableHTTP, "budget")
	f.Plots = []Plot{p}
	return f
}

// amplification adds what so many layers have made of a call.
func (f *Findings) amplification(n nest, depth int, got Estimate) {
	const exactly = 1e-9
	what := fmt.Sprintf("%s, depth %d", n.name, depth)
	switch most := math.Pow(1.1, float64(depth)); {
	case !n.bounded && depth == 5:
		f.near(n.who, what, got, 243, "published", exactly)
	case !n.bounded:
		f.near(n.who, what, got, math.Pow(3, float64(depth)), "derived", exactly)
	case n.who == "ductile" && n.name == "budget":
		f.between(n.who, what, got, 0.97*most, most, "derived, used up")
	default:
		f.reports(n.who, what, got)
	}
}
