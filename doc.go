// Package ductile keeps a service working while the services it calls fail in parts.
//
// Policies decide about a call: may it go, again, until when, what instead. They compose in any order, outermost first, into a
// [Pipeline]; [Do] makes a call through it:
//
//	// Once, at startup: a breaker and a budget remember.
//	var p = ductile.New("inventory",
//		fallback.Value(Stock{Unknown: true}),   // what instead, when the dependency is at fault
//		timeout.New(2*time.Second),             // the whole call
//		retry.New(),                            // again, with backoff, jitter and a budget
//		breaker.New(breaker.Name("inventory")), // may it go at all
//		timeout.New(300*time.Millisecond),      // each attempt
//	)
//
//	// For each call:
//	stock, err := ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
//		s, err := inventory.Get(ctx, sku)
//		if errors.Is(err, inventory.ErrNotFound) {
//			return s, fault.Permanent(err) // an answer, not a fault: no retry, no trip, no fallback
//		}
//		return s, err
//	})
//
// # Packages
//
//   - ductile: pipelines and the driver that runs calls through them; observers; reports.
//   - breaker: stops calling a dependency that fails, and finds out when it works again.
//   - bulkhead: limits how many calls are in flight at once.
//   - ratelimit: limits how many calls begin in a time.
//   - retry: repeats what failed, later, and only as far as its budget allows.
//   - hedge: starts another copy of a call that takes long, and takes the first answer.
//   - timeout: limits how long a call, or each attempt, may take.
//   - fallback: answers instead, when the dependency is at fault.
//   - safemode: lets go, in stages, of work that a service in trouble can do without.
//   - budget: the allowance for extra load that retries and hedges share.
//   - fault: what went wrong, in one vocabulary for all of them.
//   - standard: whole pipelines with defaults, for clients and servers.
//   - keyed: a pipeline for each host or tenant, bounded.
//   - telemetry: OpenTelemetry traces and metrics of what policies did, and logs.
//   - ductilehttp: a transport and a handler for net/http.
//   - ductilegrpc: interceptors for clients and servers of gRPC; a module of its own.
//   - breaker/gobreakeradapter: brings a breaker of sony/gobreaker into a pipeline.
//   - ductiletest: tests a gate of your own against what the driver expects of one, and any transport against what net/http promises.
//
// # Two kinds of pipeline
//
// [Do] never calls a function concurrently with itself nor after it has returned, so that the function may write what it captures. A hedge,
// a [Middleware] and a detached timeout cannot promise that: they need a [ConcurrentPipeline] and [DoConcurrent], whose functions are
// called twice at once and may be left running. The compiler keeps the two apart.
//
// # How a call ends
//
// What a policy does at the end of a call depends on its class, see package fault:
//
//	end of the call                      breaker          retry         fallback    hedge
//	success                              success          -             -           wins
//	permanent: the answer is no          success          no            no          wins
//	ignored                              not counted      no            no          wins
//	transient, timeout                   failure          yes           yes         next copy at once
//	overload                             failure          yes, later    yes         no further copy
//	rejected by a policy inside          not counted      no            yes         no further copy
//	canceled by the caller               not counted      never         no          over
//	panic                                failure          never         never       over
//	Goexit                               not counted      never         never       over
//	superseded by a faster copy          slow or nothing  -             -           a lower bound
//
// An error that nobody has marked is transient, unless it is a timeout or a cancellation. What is not "never" or "over" has an override: the
// option Classify of each policy for what an error is, On (retry, fallback, hedge) and CountAs (breaker) for what becomes of it. A bulkhead
// and a rate limit treat all ends alike. A superseded copy is slow where it had been given longer than the hedge's delay.
//
// # Whose cancellation
//
// A context.Canceled that comes out of a function whose context is alive is a failure like any other. Where the caller's context was
// canceled, so is the call, whatever its error was. Where the caller's deadline passed while the function worked, it is a timeout; where
// the function was never called, it is nobody's fault.
package ductile
