package benchmarks

import (
	"errors"

	"github.com/failsafe-go/failsafe-go"
	failsafebulkhead "github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	failsafefallback "github.com/failsafe-go/failsafe-go/fallback"
	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	failsafetimeout "github.com/failsafe-go/failsafe-go/timeout"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// Where the pile of policies has its breaker, and its timeout, counted from one.
const (
	pileBreaker = 3
	pileTimeout = 6
)

// pileSet and failsafePileSet are what the first policies of a pile are set to.
func pileSet(size int) string {
	pile := []string{
		"fallback: a value", "retry: " + retrySet, "breaker: " + breakerSet, "bulkhead: " + permitSet, "rate limit: " + rateSet, timeoutSet,
		"another such breaker", "another such bulkhead",
	}
	return all(pile[:size]...)
}

func failsafePileSet(size int) string {
	pile := []string{
		"fallback: a value", "retry: " + failsafeRetrySet, "breaker: " + failsafeBreakerSet, "bulkhead: " + permitSet, "rate limit: " + failsafeRateSet,
		timeoutSet, "another such breaker", "another such bulkhead",
	}
	return all(pile[:size]...)
}

// ofPile is how often a call through a pile of ours may allocate.
func ofPile(size int) uint64 {
	if size >= pileTimeout {
		return 1
	}
	return 0
}

// newPile returns a pipeline of the first policies of a pile, and the first breaker, which it may have.
func newPile(size int) (*ductile.Pipeline, *breaker.Breaker) {
	b := newBreaker()
	pile := []ductile.Policy{
		fallback.Value(Stock{}), retry.New(), b, bulkhead.New(permits()), ratelimit.New(earned, tokens), timeout.New(attemptTime),
		newBreaker(), bulkhead.New(permits()),
	}
	return ductile.New("stock", pile[:size]...), b
}

func piled(size int) Caller {
	p, b := newPile(size)
	check := nothing
	if size >= pileBreaker {
		check = counted(b)
	}
	return Caller{Calls: calls(p), Check: check}
}

// newFailsafePile is failsafe-go's form of newPile.
func newFailsafePile(size int) (failsafe.Executor[Stock], circuitbreaker.CircuitBreaker[Stock]) {
	b := newFailsafeBreaker()
	pile := []failsafe.Policy[Stock]{
		failsafefallback.NewWithResult(Stock{}),
		failsafeRepeating(retrypolicy.NewBuilder[Stock]()),
		b,
		failsafebulkhead.New[Stock](uint(permits())),
		ratelimiter.NewBursty[Stock](tokens, failsafePeriod),
		failsafetimeout.New[Stock](attemptTime),
		newFailsafeBreaker(),
		failsafebulkhead.New[Stock](uint(permits())),
	}
	return failsafe.With(pile[:size]...), b
}

func failsafePiled(size int) Caller {
	e, b := newFailsafePile(size)
	check := nothing
	if size >= pileBreaker {
		check = func(n int) error {
			return errors.Join(want("calls", n, b.Metrics().Executions()), want("failures", 0, b.Metrics().Failures()))
		}
	}
	if size >= pileTimeout {
		return Caller{Calls: failsafeContextCalls(e), Check: check}
	}
	return Caller{Calls: failsafeCalls(e), Check: check}
}
