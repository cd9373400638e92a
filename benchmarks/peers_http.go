//nolint:bodyclose // it takes policies for answers to be answers
package benchmarks

import (
	"errors"
	"net/http"

	failsafebulkhead "github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	failsafetimeout "github.com/failsafe-go/failsafe-go/timeout"
	"golang.org/x/sync/semaphore"
)

// newFailsafeTransport returns failsafe-go's form of newTransport.
func newFailsafeTransport(base http.RoundTripper) (http.RoundTripper, circuitbreaker.CircuitBreaker[*http.Response]) {
	b := failsafeOpening(circuitbreaker.NewBuilder[*http.Response]().HandleIf(func(answer *http.Response, err error) bool {
		return err != nil || answer != nil && answer.StatusCode >= http.StatusInternalServerError
	}))
	r := failsafeRepeating(failsafehttp.NewRetryPolicyBuilder())
	return failsafehttp.NewRoundTripper(base, r, b, failsafetimeout.New[*http.Response](attemptTime)), b
}

func failsafeTransported(to func() origin) func() Caller {
	return func() Caller {
		o := to()
		t, b := newFailsafeTransport(o.base)
		return o.requests(t, func(n int) error {
			return errors.Join(want("calls", n, b.Metrics().Executions()), want("failures", 0, b.Metrics().Failures()))
		})
	}
}

// newFailsafeHandler returns failsafe-go's form of newHandler.
func newFailsafeHandler(next http.Handler) (http.Handler, failsafebulkhead.Bulkhead[*http.Response]) {
	h := failsafebulkhead.New[*http.Response](uint(permits()))
	return failsafehttp.NewHandler(next, h, failsafetimeout.New[*http.Response](attemptTime)), h
}

func failsafeHandled() Caller {
	s := new(site)
	h, b := newFailsafeHandler(s)
	return s.handled(h, func(int) error {
		return want("permits", permits(), free(b))
	})
}

// timeoutHandled makes requests of a handler behind that of net/http.
func timeoutHandled() Caller {
	s := new(site)
	return s.handled(http.TimeoutHandler(s, attemptTime, "too late"), nothing)
}

// semaphoreHandled makes requests of a handler that a semaphore governs, as one would write it.
func semaphoreHandled() Caller {
	s, permitted := new(site), semaphore.NewWeighted(int64(permits()))
	limited := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !permitted.TryAcquire(1) {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		defer permitted.Release(1)
		s.ServeHTTP(w, r)
	})
	return s.handled(limited, whole(permitted))
}
