package benchmarks

import (
	"fmt"
	"strings"
	"time"

	backoff4 "github.com/cenkalti/backoff/v4"
	backoff6 "github.com/cenkalti/backoff/v6"

	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
)

// What breakers are set to, as far as they have it: the defaults of breaker.New, but that they stay open for as long as a measurement takes.
const (
	breakerRate   = 0.5 // of calls that fail
	breakerCalls  = 20
	breakerInRow  = 5 // failures
	breakerWindow = 10 * time.Second
	breakerParts  = 10
	breakerOpen   = time.Hour
	breakerProbes = 5
	breakerGood   = 3 // of the probes: ours opens again at the rate above
)

// What retries are set to: the defaults of retry.New. Ours has full jitter, so that a wait is anything up to the delay. Whoever only knows "the
// delay, more or less so much" has that by half the delay, more or less all of it; who makes schedules that remember where they are makes one for
// each call, as its documentation asks of whoever calls from several goroutines.
const (
	attempts  = 3
	firstWait = 100 * time.Millisecond
	longest   = 5 * time.Second
)

const (
	attemptTime   = time.Second // what an attempt may take: none of them does
	hedgeAfter    = time.Second // when a copy would start: no call takes so long
	observedShare = 0.9         // of answers that are not slow, where the delay is observed: bhope/hedge's default
	observedFirst = 20          // answers before the delay is known: as bhope/hedge has it, which cannot be told otherwise
)

// Settings that are fixed, or nobody has set.
const (
	zeroSet        = "refuses a growing share above 33 % failures of > 5 calls in 10s (K = 1.5, falling to 1.1); fixed"
	ourBudget      = "budget of 20 % of the first attempts in 10s, and 1 a second"
	failsafeBudget = "budget of 20 % of what is in flight, and 3"
	noPolicies     = "no policies"
	noRetry        = "gRPC's own retry is off"
)

// Settings that are those of several sides, or of a policy in several paths. What ours are set to they say themselves.
var (
	breakerSet         = newBreaker().String()
	breakerOpens       = fmt.Sprintf("opens at %v %% failures of >= %d calls in %v", 100*breakerRate, breakerCalls, breakerWindow)
	gobreakerSet       = fmt.Sprintf("%s, or with fewer at %d in a row; for %v, then %d probes, all good", breakerOpens, breakerInRow, breakerOpen, breakerProbes)
	failsafeBreakerSet = fmt.Sprintf("%s; for %v, then %d probes, %d good", breakerOpens, breakerOpen, breakerProbes, breakerGood)
	eapacheBreakerSet  = fmt.Sprintf("opens at %d failures, each within %v of the last; for %v, then %d good probes",
		breakerInRow, breakerOpen, breakerOpen, breakerProbes)
	hystrixSet = fmt.Sprintf("%s; for %v, then 1 probe; timeout %v, at most %d at once", breakerOpens, breakerOpen, attemptTime, hystrixPlaces)
	aegisSet   = fmt.Sprintf("refuses a growing share above %v %% failures of >= %d calls in %v (K = %v)",
		100*breakerRate, breakerCalls, breakerWindow, 1/(1-breakerRate))

	fullJitter       = fmt.Sprintf("%d attempts, full jitter under %v growing 2-fold to %v", attempts, firstWait, longest)
	halvedJitter     = fmt.Sprintf("%s (as %v, give or take all of it)", fullJitter, firstWait/2)
	retrySet         = retry.New().String() + "; " + ourBudget
	failsafeRetrySet = failsafeRetryOn("any error")
	backoff4Set      = fmt.Sprintf("%s; gives up after %v", halvedJitter, backoff4.DefaultMaxElapsedTime)
	backoff6Set      = fmt.Sprintf("%s; gives up after %v", halvedJitter, backoff6.DefaultMaxElapsedTime)
	retryableSet     = fmt.Sprintf("%d attempts, waits of %v growing 2-fold to %v, without jitter, on errors, 429, 5xx but 501; %s",
		attempts, firstWait, longest, timeoutSet)
	middlewareSet = halvedJitter + ", on Unavailable, ResourceExhausted"

	timeoutSet = fmt.Sprintf("timeout %v for each attempt", attemptTime)
	lateSet    = fmt.Sprintf("timeout %v", attemptTime) // of handlers, which have no attempts

	permitSet         = bulkhead.New(permits()).String() // and nobody waits
	waitingSet        = permitSet + "; more wait, until their context ends"
	eapacheWaitingSet = fmt.Sprintf("%s; more wait, for %v", permitSet, eapacheWait)

	rateSet         = ratelimit.New(earned, tokens).String()
	failsafeRateSet = fmt.Sprintf("%d in each %v", tokens, failsafePeriod)

	hedgeSet         = fmt.Sprint(fixedHedge()) + "; " + ourBudget
	failsafeHedgeSet = fmt.Sprintf("1 extra copy after %v; no budget", hedgeAfter)
	hedgedHTTPSet    = fmt.Sprintf("2 requests at most, the second after %v", hedgeAfter)
	observedSet      = fmt.Sprintf("%v; known from the %dth answer on; %s", observedHedge(), observedFirst, ourBudget)
	bhopeSet         = fmt.Sprintf("1 extra copy after the p%v of the last 30s to 1m, at least %v; known from the %dst call on; budget of 10 a second",
		100*observedShare, hedgeAfter, observedFirst+1)
	noInterceptors = all("no interceptors", noRetry)
)

// failsafeRetryOn is what a retry of failsafe-go is set to that repeats so much.
func failsafeRetryOn(what string) string {
	return halvedJitter + ", on " + what + "; " + failsafeBudget
}

// fixedHedge is what hedges of a fixed delay are.
func fixedHedge() *hedge.Policy { return hedge.New(hedge.After(hedgeAfter)) }

// observedHedge is one that works out a percentile, as bhope/hedge does for each call.
func observedHedge() *hedge.Policy {
	return hedge.New(hedge.Percentile(observedShare), hedge.MinDelay(hedgeAfter), hedge.MinSamples(observedFirst))
}

// The policies of the first paths, of both sides.
var (
	stackSet             = all("fallback: a value", "retry: "+retrySet, "breaker: "+breakerSet, "bulkhead: "+permitSet)
	failsafeStackSet     = all("fallback: a value", "retry: "+failsafeRetrySet, "breaker: "+failsafeBreakerSet, "bulkhead: "+permitSet)
	guardedSet           = all("retry: "+retrySet, "breaker: "+breakerSet)
	transportSet         = all(guardedSet, timeoutSet)
	failsafeTransportSet = all("retry: "+failsafeRetryOn("errors, 429, 5xx but 501"), "breaker: "+failsafeBreakerSet+", of errors and 5xx", timeoutSet)
	failsafeGRPCSet      = all("retry: "+failsafeRetryOn("Unavailable, DeadlineExceeded, ResourceExhausted"), "breaker: "+failsafeBreakerSet)
	handlerSet           = all("bulkhead: "+permitSet, lateSet)
)

// all joins what policies are set to.
func all(policies ...string) string { return strings.Join(policies, " · ") }
