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
//   - retry: repeats what failed, later, and only as far as its budget allows.
//   - timeout: limits how long a call, or each attempt, may take.
//   - fallback: answers instead, when the dependency is at fault.
//   - budget: the allowance for extra load that retries share.
//   - fault: what went wrong, in one vocabulary for all of them.
//
// # How a call ends
//
// What a policy does at the end of a call depends on its class, see package fault:
//
//	end of the call                      breaker                  retry             fallback
//	success                              success                  -                 -
//	permanent: the answer is no          success                  no                no
//	ignored                              not counted              no                no
//	transient, timeout                   failure                  yes               yes
//	overload                             failure                  yes, later        yes
//	rejected by a policy inside          not counted              no                yes
//	canceled by the caller               not counted              never             no
//	panic                                failure                  never             never
//	Goexit                               not counted              never             never
//
// An error that nobody has marked is transient, unless it is a timeout or a cancellation. What is not "never" has an override: the option Classify of each policy for
// what an error is, On (retry, fallback) and CountAs (breaker) for what becomes of it.
//
// # Whose cancellation
//
// A context.Canceled that comes out of a function whose context is alive is a failure like any other. Where the caller's context was
// canceled, so is the call, whatever its error was. Where the caller's deadline passed while the function worked, it is a timeout; where
// the function was never called, it is nobody's fault.
package ductile
