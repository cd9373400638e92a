//nolint:bodyclose // it takes policies for answers to be answers
package benchmarks

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	bhope "github.com/bhope/hedge"
	"github.com/cristalhq/hedgedhttp"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"

	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/hedge"
)

// newHedgingTransport returns a transport of ours that sends one copy, after a second.
func newHedgingTransport(base http.RoundTripper) (http.RoundTripper, *hedge.Policy) {
	p, h := newHedge()
	return ductilehttp.NewTransport(base, p), h
}

// newObservingTransport is newHedgingTransport, with a delay that is observed.
func newObservingTransport(base http.RoundTripper) (http.RoundTripper, *hedge.Policy) {
	p, h := newObservedHedge()
	return ductilehttp.NewTransport(base, p), h
}

func observingTransported() Caller {
	o := memory()
	t, h := newObservingTransport(o.base)
	return o.requests(t, unneeded(h))
}

func hedgingTransported() Caller {
	o := memory()
	t, h := newHedgingTransport(o.base)
	return o.requests(t, unneeded(h))
}

// newHedgedHTTP returns hedgedhttp's form of newHedgingTransport: two requests in all.
func newHedgedHTTP(base http.RoundTripper, after time.Duration) *hedgedhttp.Client {
	t, err := hedgedhttp.New(hedgedhttp.Config{Transport: base, Upto: 2, Delay: after})
	if err != nil {
		panic(err)
	}
	return t
}

func hedgedHTTPTransported() Caller {
	o := memory()
	t := newHedgedHTTP(o.base, hedgeAfter)
	return o.requests(t, func(n int) error {
		return errors.Join(want("requests", n, t.Stats().RequestedRoundTrips()), want("copies and requests", n, t.Stats().ActualRoundTrips()))
	})
}

// newBhopeTransport returns bhope/hedge's form of newObservingTransport, with its statistics: one copy, never before a time.
func newBhopeTransport(base http.RoundTripper, after time.Duration) (http.RoundTripper, *bhope.Stats) {
	var stats *bhope.Stats
	t := bhope.New(base, bhope.WithStats(&stats), bhope.WithPercentile(observedShare), bhope.WithMinDelay(after))
	return t, stats
}

func bhopeTransported() Caller {
	o := memory()
	t, stats := newBhopeTransport(o.base, hedgeAfter)
	return o.requests(t, func(n int) error {
		return errors.Join(want("calls", n, uint64(stats.TotalRequests.Load())), want("copies", 0, uint64(stats.HedgedRequests.Load())))
	})
}

// newFailsafeHedgingTransport returns failsafe-go's form of newHedgingTransport, and how many copies it has sent.
func newFailsafeHedgingTransport(base http.RoundTripper) (http.RoundTripper, *atomic.Uint64) {
	copies := new(atomic.Uint64)
	h := hedgepolicy.NewBuilderWithDelay[*http.Response](hedgeAfter).
		OnHedge(func(failsafe.ExecutionEvent[*http.Response]) { copies.Add(1) }).
		Build()
	return failsafehttp.NewRoundTripper(base, h), copies
}

func failsafeHedgingTransported() Caller {
	o := memory()
	t, copies := newFailsafeHedgingTransport(o.base)
	return o.requests(t, failsafeUnneeded(copies))
}
