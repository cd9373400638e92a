package ductiletest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

// again is a retry that does not keep a test waiting.
func again() *retry.Policy {
	return retry.New(retry.Constant(time.Millisecond), retry.OverloadBase(time.Millisecond), retry.Budget(budget.Unlimited()))
}

// copies is a hedge that sends a copy of what is slow.
func copies() *hedge.Policy {
	return hedge.New(hedge.After(20*time.Millisecond), hedge.Budget(budget.Unlimited()))
}

// A transport without policies of its own keeps every promise that is not moot.
func TestBareRoundTripper(t *testing.T) {
	t.Parallel()
	ductiletest.RoundTripper(t, func(base http.RoundTripper) http.RoundTripper { return base })
}

// Our own transport keeps what the kit asks of others.
func TestRoundTrippers(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]func() ductile.Composed{
		"nothing":   func() ductile.Composed { return ductile.New("kit") },
		"retry":     func() ductile.Composed { return ductile.New("kit", again()) },
		"timeout":   func() ductile.Composed { return ductile.New("kit", timeout.New(time.Second)) },
		"breaker":   func() ductile.Composed { return ductile.New("kit", breaker.New()) },
		"bulkhead":  func() ductile.Composed { return ductile.New("kit", bulkhead.New(10)) },
		"ratelimit": func() ductile.Composed { return ductile.New("kit", ratelimit.New(1000, 100)) },
		"hedge":     func() ductile.Composed { return ductile.NewConcurrent("kit", copies()) },
		"detached": func() ductile.Composed {
			return ductile.NewConcurrent("kit", timeout.New(time.Second, timeout.Detached()))
		},
		"standard": func() ductile.Composed {
			return standard.Client("kit", standard.Attempt(time.Second), standard.Retry(retry.Constant(time.Millisecond),
				retry.OverloadBase(time.Millisecond), retry.Budget(budget.Unlimited())))
		},
		"all": func() ductile.Composed {
			return ductile.NewConcurrent("kit", timeout.New(time.Minute), copies(), again(), breaker.New(), bulkhead.New(100),
				timeout.New(time.Second))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ductiletest.RoundTripper(t, func(base http.RoundTripper) http.RoundTripper { return ductilehttp.NewTransport(base, build()) })
		})
	}
}
