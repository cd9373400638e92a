//nolint:bodyclose // it takes policies for answers to be answers
package main

import (
	"iter"
	"net/http"
	"strings"
	"time"

	bhope "github.com/bhope/hedge"
	"github.com/cristalhq/hedgedhttp"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"
	"github.com/failsafe-go/failsafe-go/timeout"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/benchmarks/contest"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	ductiletimeout "github.com/ductile-go/ductile/timeout"
)

// A contestant is a transport that is judged, as its documentation shows it: with 3 attempts milliseconds apart, a copy after 20 ms, or a
// timeout of a second.
type contestant struct {
	name   string
	module string
	ours   bool
	wrap   func(base http.RoundTripper) http.RoundTripper
}

// transports returns the contest.
func transports() contest.Contest {
	all := contest.Contest{
		Last: "lets a panic of the base pass", Ends: "panic: ductiletest.RoundTripper: ",
		Partly: func(protocols []string) string { return "over " + strings.Join(protocols, ", ") },
	}
	for _, c := range contestants() {
		all.Contestants = append(all.Contestants, contest.Contestant{Name: c.name, Module: c.module, Ours: c.ours,
			Judge: func() iter.Seq[ductiletest.Verdict] { return ductiletest.JudgeRoundTripper(c.wrap) }})
	}
	return all
}

const (
	us        = "github.com/ductile-go/ductile"
	failsafe  = "github.com/failsafe-go/failsafe-go"
	wait      = time.Millisecond
	most      = 10 * time.Millisecond
	copyAfter = 20 * time.Millisecond
	limit     = time.Second
)

// contestants returns who is judged, ours first.
func contestants() []contestant {
	return []contestant{
		{"ductilehttp, standard.Client", us, true, func(base http.RoundTripper) http.RoundTripper {
			return ductilehttp.NewTransport(base, standard.Client("kit", standard.Attempt(limit),
				standard.Retry(retry.Constant(wait), retry.OverloadBase(wait), retry.Budget(budget.Unlimited()))))
		}},
		{"ductilehttp, hedge", us, true, func(base http.RoundTripper) http.RoundTripper {
			return ductilehttp.NewTransport(base, ductile.NewConcurrent("kit", ductiletimeout.New(10*limit),
				hedge.New(hedge.After(copyAfter), hedge.Budget(budget.Unlimited())), ductiletimeout.New(limit)))
		}},
		{"failsafehttp, retry", failsafe, false, func(base http.RoundTripper) http.RoundTripper {
			return failsafehttp.NewRoundTripper(base, failsafehttp.NewRetryPolicyBuilder().WithBackoff(wait, most).Build())
		}},
		{"failsafehttp, timeout", failsafe, false, func(base http.RoundTripper) http.RoundTripper {
			return failsafehttp.NewRoundTripper(base, timeout.New[*http.Response](limit))
		}},
		{"failsafehttp, hedge", failsafe, false, func(base http.RoundTripper) http.RoundTripper {
			return failsafehttp.NewRoundTripper(base, hedgepolicy.NewBuilderWithDelay[*http.Response](copyAfter).Build())
		}},
		{"go-retryablehttp", "github.com/hashicorp/go-retryablehttp", false, func(base http.RoundTripper) http.RoundTripper {
			c := retryablehttp.NewClient()
			c.HTTPClient.Transport = base
			c.RetryMax, c.RetryWaitMin, c.RetryWaitMax = 2, wait, most
			c.Logger = nil
			return c.StandardClient().Transport
		}},
		{"hedgedhttp", "github.com/cristalhq/hedgedhttp", false, func(base http.RoundTripper) http.RoundTripper {
			t, err := hedgedhttp.NewRoundTripper(copyAfter, 2, base)
			if err != nil {
				panic(err)
			}
			return t
		}},
		{"bhope/hedge", "github.com/bhope/hedge", false, func(base http.RoundTripper) http.RoundTripper {
			return bhope.New(base) // a copy after 10 ms, while it knows little
		}},
	}
}
