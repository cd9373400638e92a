//nolint:bodyclose // it takes policies for answers to be answers
package main

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	bhope "github.com/bhope/hedge"
	"github.com/cristalhq/hedgedhttp"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"
	"github.com/failsafe-go/failsafe-go/timeout"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilehttp"
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

// find returns the contestant of a name.
func find(name string) (contestant, error) {
	for _, c := range contestants() {
		if c.name == name {
			return c, nil
		}
	}
	return contestant{}, fmt.Errorf("nobody is called %q", name)
}

// version returns that of a contestant's module.
func (c contestant) version() (string, error) {
	if c.ours {
		return "", nil // what is here
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "", errors.New("this program does not know its modules")
	}
	for _, m := range build.Deps {
		if m.Path == c.module {
			return m.Version, nil
		}
	}
	return "", fmt.Errorf("%s is not in this program", c.module)
}
