package telemetry

// ScopeName is the instrumentation scope of everything that this package emits.
const ScopeName = "github.com/ductile-go/ductile/telemetry"

// Version is that of the scope: the library's.
const Version = "0.1.0"

// SchemaURL is that of the conventions from which error.type is taken. All other names are under ductile., for there are no conventions for
// them yet.
const SchemaURL = "https://opentelemetry.io/schemas/1.43.0"

// The attributes. docs/telemetry.md says of each where it stands and what it may be.
const (
	keyPipeline = "ductile.pipeline.name"
	keyPolicy   = "ductile.policy.name"
	keyOutcome  = "ductile.outcome"
	keyError    = "error.type"

	keyAttempts       = "ductile.call.attempts"
	keyRejectedBy     = "ductile.call.rejected_by"
	keyTimedOut       = "ductile.call.timed_out"
	keyRetryWait      = "ductile.call.retry_wait"
	keyRetryStopped   = "ductile.call.retry_stopped"
	keyCopies         = "ductile.call.copies"
	keyWonBy          = "ductile.call.won_by"
	keyDegraded       = "ductile.call.degraded"
	keyFallback       = "ductile.call.answered_by"
	keyAnsweredFor    = "ductile.call.answered_for"
	keyFallbackFailed = "ductile.call.fallback_failed"
	keyFirstOutcome   = "ductile.call.first_outcome"
	keyContained      = "ductile.call.contained_panics"

	keyAttempt = "ductile.attempt.number"
	keyCopy    = "ductile.attempt.copy"
	keyReason  = "ductile.attempt.reason"
	keyDelay   = "ductile.attempt.delay"
	keyCause   = "ductile.attempt.cause"

	keyState         = "ductile.breaker.state"
	keyTransitionTo  = "ductile.breaker.to"
	keyTransitionWas = "ductile.breaker.from"
	keyModeLevel     = "ductile.safemode.level"
	keyModeTo        = "ductile.safemode.to"
	keyModeWas       = "ductile.safemode.from"
	keyModeCause     = "ductile.safemode.cause"
	keyModeShare     = "ductile.safemode.share"
	keyStopReason    = "ductile.retry.stop_reason"
	keyAnsweredBy    = "ductile.fallback.answered_by"
	keyWinner        = "ductile.hedge.winner"
	keyHedgeCause    = "ductile.hedge.cause"
)

// modeSpan is the name of the span of a change of a safe mode.
const modeSpan = "safe mode"

// The metrics.
const (
	nameCallDuration    = "ductile.call.duration"
	nameCallsActive     = "ductile.call.active"
	nameAttemptDuration = "ductile.attempt.duration"
	nameRejections      = "ductile.rejections"
	nameTimeouts        = "ductile.timeouts"
	nameRetryWait       = "ductile.retry.wait"
	nameRetryStops      = "ductile.retry.stops"
	nameHedges          = "ductile.hedge.copies"
	nameHedgeWins       = "ductile.hedge.wins"
	nameHedgeDelay      = "ductile.hedge.delay"
	nameFallbacks       = "ductile.fallbacks"
	nameContained       = "ductile.contained_panics"
	nameBreakerState    = "ductile.breaker.status"
	nameTransitions     = "ductile.breaker.transitions"
	nameModeLevel       = "ductile.safemode.status"
	nameModeChanges     = "ductile.safemode.changes"
	nameInFlight        = "ductile.bulkhead.in_flight"
	nameLimit           = "ductile.bulkhead.limit"
	nameQueued          = "ductile.bulkhead.queued"
	nameWaits           = "ductile.bulkhead.waits"
	nameWaitTime        = "ductile.bulkhead.wait_time"
	nameTokens          = "ductile.ratelimit.tokens" //nolint:gosec // of a bucket
	nameWaiting         = "ductile.ratelimit.queued"
	nameBudget          = "ductile.budget.balance"
	nameBudgetRefused   = "ductile.budget.refusals"
)
