package ductile

import (
	"fmt"
	"math"
	"slices"
)

// A Warning is something in a pipeline that will not do what it seems to be there for, or will do harm.
type Warning struct {
	// Code names the kind of warning, in lower case and with hyphens. It stays as it is.
	Code string
	// Policy is the name of the policy that it is about, empty where it is about the pipeline.
	Policy string
	// Text says in one sentence what is wrong, and Remedy in another what helps.
	Text, Remedy string
}

// String returns the warning as a line.
func (w Warning) String() string { return fmt.Sprintf("%s: %s %s", w.Code, w.Text, w.Remedy) }

// The codes of warnings.
const (
	// WarnNoDeadline is about a pipeline in which nothing bounds how long a call takes.
	WarnNoDeadline = "no-deadline"
	// WarnTimeoutNotBelow is about a timeout inside another that is not longer.
	WarnTimeoutNotBelow = "timeout-not-below"
	// WarnRetryInRetry is about a retry inside another, whose attempts multiply.
	WarnRetryInRetry = "retry-in-retry"
	// WarnRetryWithoutBudget is about a retry whose extra load nothing bounds.
	WarnRetryWithoutBudget = "retry-without-budget"
	// WarnHedgeWithoutBudget is about a hedge whose extra load nothing bounds.
	WarnHedgeWithoutBudget = "hedge-without-budget"
	// WarnBackoffBeyondDeadline is about a retry whose waits alone can take longer than a timeout around it allows.
	WarnBackoffBeyondDeadline = "backoff-beyond-deadline"
	// WarnAttemptsBeyondDeadline is about a retry whose attempts and waits can take longer, in all, than a timeout around it allows.
	WarnAttemptsBeyondDeadline = "attempts-beyond-deadline"
	// WarnFallbackBelowRetry is about a fallback that answers before a retry around it can repeat anything.
	WarnFallbackBelowRetry = "fallback-below-retry"
	// WarnPermitHeldInBackoff is about a gate whose permits are held while a retry inside of it waits.
	WarnPermitHeldInBackoff = "permit-held-in-backoff"
	// WarnPermitBackTooSoon is about a gate whose permits come back while a function that a detached timeout gave up still runs.
	WarnPermitBackTooSoon = "permit-back-too-soon"
	// WarnAttemptWithoutTimeout is about a retry in an adapter, one of whose attempts can use up the time of all: see [Plan.HangingAttempt].
	WarnAttemptWithoutTimeout = "attempt-without-timeout"
)

// HangingAttempt returns a warning of a retry that is in vain where the dependency hangs: a timeout limits all attempts together, and none
// each of them, so that the first takes all the time there is. A pipeline alone cannot know, for the function may limit itself. An
// adapter whose function does not adds it to the plan's warnings; those of ductilehttp and ductilegrpc do.
func (p Plan) HangingAttempt() (w Warning, found bool) {
	if p.Latency == math.MaxInt64 {
		return w, false // WarnNoDeadline is about that
	}
	for i, l := range slices.Backward(p.Layers[:max(len(p.Layers)-1, 0)]) {
		switch inside := p.Layers[i+1]; {
		case !l.Known || l.limits || inside.Latency < math.MaxInt64:
			return w, false // it may be limited, or is
		case l.repeats:
			return Warning{
				WarnAttemptWithoutTimeout, l.Policy,
				fmt.Sprintf("An attempt of %q that hangs uses up the time of all of them.", l.Policy), "Put a timeout for each attempt inside of it.",
			}, true
		}
	}
	return w, false
}
