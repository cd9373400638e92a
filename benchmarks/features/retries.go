package main

// retries is for whom a retry is to be chosen. Those of HTTP and of gRPC have tables of their own.
func retries() table {
	return table{
		title:   "Retries",
		about:   "Of any function; those of requests are in the tables of HTTP and gRPC.",
		columns: []*library{ductile, failsafe, backoff4, backoff6, avast, sethvargo, eapache, zero},
		within:  map[*library]string{ductile: "retry", failsafe: "retrypolicy", eapache: "retrier", zero: "core/fx"},
		rows:    append(schedules(), repeats()...),
	}
}

// schedules are how long retries wait, and when they end.
func schedules() []row {
	return []row{
		{"backoff", []string{"backoff", "exponential"}, map[*library]cell{
			ductile: reads("exponential, linear, decorrelated, constant", "retry/backoff.go", "func Exponential(", "retry/backoff.go", "func Linear(",
				"retry/backoff.go", "func Decorrelated("),
			failsafe: reads("exponential, constant, random", "retrypolicy/retry.go", "WithBackoffFactor(", "retrypolicy/retry.go",
				"WithRandomDelay("),
			backoff4: reads("exponential, constant", "exponential.go", "type ExponentialBackOff struct", "backoff.go",
				"type ConstantBackOff struct"),
			backoff6: reads("exponential, constant", "exponential.go", "type ExponentialBackOff struct", "backoff.go",
				"type ConstantBackOff struct"),
			avast: reads("exponential, constant, random", "options.go", "func BackOffDelay(", "options.go", "func FixedDelay("),
			sethvargo: reads("exponential, Fibonacci, constant", "backoff_exponential.go", "func NewExponential(",
				"backoff_fibonacci.go", "func NewFibonacci("),
			eapache: reads("exponential, constant", "retrier/backoffs.go", "func ExponentialBackoff("),
			zero:    lacks("constant", "backoff", "exponential").also("core/fx/retry.go", "func WithInterval("),
		}},
		{"a schedule of one's own", []string{"func(retry int)"}, map[*library]cell{
			ductile:   yes("retry/backoff.go", "func Schedule(wait func(retry int) time.Duration)", "retry/backoff.go", "func FromBackOff["),
			failsafe:  yes("policy.go", "type DelayFunc[R any]"),
			backoff4:  yes("backoff.go", "type BackOff interface"),
			backoff6:  yes("backoff.go", "type BackOff interface"),
			avast:     yes("options.go", "type DelayTypeFunc func("),
			sethvargo: yes("backoff.go", "type Backoff interface"),
			eapache:   reads("a list of waits", "retrier/retrier.go", "backoff           []time.Duration"),
			zero:      none("func(retry int)", "backoff"),
		}},
		{"jitter", []string{"jitter", "rand."}, map[*library]cell{
			ductile: reads("full, equal, decorrelated, ±", "retry/jitter.go", "func FullJitter()", "retry/jitter.go", "func EqualJitter()",
				"retry/jitter.go", "func ProportionalJitter("),
			failsafe:  reads("±, if asked", "retrypolicy/retry.go", "WithJitterFactor(jitterFactor float64)"),
			backoff4:  reads("± 50 %", "exponential.go", "RandomizationFactor float64"),
			backoff6:  reads("± 50 %", "exponential.go", "RandomizationFactor float64"),
			avast:     reads("added; full, if asked", "options.go", "func RandomDelay(", "options.go", "func FullJitterBackoffDelay("),
			sethvargo: reads("±, full, if asked", "backoff.go", "func WithJitterPercent(", "backoff.go", "func WithFullJitter("),
			eapache:   reads("±, if asked", "retrier/retrier.go", "func (r *Retrier) SetJitter("),
		}},
		{"ends by elapsed time", []string{"elapsed", "maxduration"}, map[*library]cell{
			ductile:   yes("retry/options.go", "func Elapsed(limit time.Duration)"),
			failsafe:  yes("retrypolicy/retry.go", "WithMaxDuration(maxDuration time.Duration)"),
			backoff4:  reads("15 min, as set", "exponential.go", "DefaultMaxElapsedTime      = 15 * time.Minute"),
			backoff6:  reads("15 min, as set", "retry.go", "const DefaultMaxElapsedTime = 15 * time.Minute"),
			sethvargo: yes("backoff.go", "func WithMaxDuration("),
			zero:      yes("core/fx/retry.go", "func WithTimeout("),
		}},
		{"attempts, unless set", []string{"attempts"}, map[*library]cell{
			ductile:   reads("3", "retry/options.go", "attempts: 3"),
			failsafe:  reads("3", "retrypolicy/retry.go", "defaultMaxRetries = 2"),
			backoff4:  reads("no limit but the time", "tries.go", "func WithMaxRetries("),
			backoff6:  reads("no limit but the time", "retry.go", "The default, 0, means no limit."),
			avast:     reads("10", "options.go", "uint(10)"),
			sethvargo: reads("no limit", "backoff.go", "func WithMaxRetries("),
			eapache:   reads("as many as waits are listed", "retrier/retrier.go", "indicates how many times an action will be retried"),
			zero:      reads("3", "core/fx/retry.go", "const defaultRetryTimes = 3"),
		}},
		{"waits as long as the dependency asks", []string{"retryafter", "retry-after"}, map[*library]cell{
			ductile:  yes("fault/mark.go", "func RetryAfter(err error)"),
			failsafe: reads("by a function of yours", "policy.go", "type DelayFunc[R any]"),
			backoff6: yes("error.go", "func RetryAfter(seconds int) error"),
			avast:    reads("by a function of yours", "options.go", "type DelayTypeFunc func(n uint, err error"),
		}},
		{"bounded by a budget over all calls", []string{"package budget", "withbudget", "throttl"}, map[*library]cell{
			ductile: reads("yes, by default", "pipeline.go", "budget.New()", "retry/options.go", "func Budget(b *budget.Budget)"),
			failsafe: reads("if asked: a share of what is in flight", "retrypolicy/retry.go", "WithBudget(retryBudget budget.Budget)",
				"budget/budget.go", "WithMaxRate("),
			avast: reads("if asked: a token bucket", "options.go", "func WithThrottle(", "throttle.go",
				"type FixedTokenBucketThrottleManager struct"),
		}},
	}
}

// repeats are what retries repeat, and what they say.
func repeats() []row {
	return []row{
		{"which errors are repeated", []string{"permanent"}, map[*library]cell{
			ductile:   reads("by class; yours to say", "retry/options.go", "func On(list ...fault.Class)", "retry/options.go", "func Classify("),
			failsafe:  reads("all; yours to say", "policy/policy.go", "HandleErrors(", "retrypolicy/retry.go", "AbortOnErrors("),
			backoff4:  reads("all but Permanent", "retry.go", "func Permanent(err error) error"),
			backoff6:  reads("all but Permanent", "error.go", "func Permanent("),
			avast:     reads("all but Unrecoverable; yours to say", "options.go", "func RetryIf(", "retry.go", "func Unrecoverable("),
			sethvargo: reads("those that you mark", "retry.go", "func RetryableError(err error) error"),
			eapache:   reads("all; yours to say", "retrier/classifier.go", "type Classifier interface"),
			zero:      reads("all; those ignored count as success", "core/fx/retry.go", "func WithIgnoreErrors("),
		}},
		{"a value may be repeated, too", []string{"onresult", "handleresult"}, map[*library]cell{
			ductile:  reads("no: your function returns an error", "retry/retry.go", "func (p *Policy) Next(remembered any, attempt int, err error"),
			failsafe: yes("policy/policy.go", "HandleResult("),
		}},
		{"so many attempts for a certain error", []string{"attemptsfor"}, map[*library]cell{
			avast: yes("options.go", "func AttemptsForError(attempts uint, err error)"),
		}},
		{"the function is given a context", []string{"func(ctx context.Context)", "func(context.Context"}, map[*library]cell{
			ductile:   yes("do.go", "fn func(context.Context) (T, error)"),
			failsafe:  reads("by GetWithExecution", "executor.go", "GetWithExecution(fn func(exec Execution[R]) (R, error))"),
			sethvargo: yes("retry.go", "type RetryFunc func(ctx context.Context) error"),
			eapache:   yes("retrier/retrier.go", "work func(ctx context.Context) error"),
			zero:      yes("core/fx/retry.go", "fn func(ctx context.Context, retryCount int) error"),
		}},
		{"returns the function's value", []string{"[T any]", "[R any]"}, map[*library]cell{
			ductile:   yes("do.go", "func Do[T any]("),
			failsafe:  yes("executor.go", "Get(fn func() (R, error)) (R, error)"),
			backoff4:  yes("retry.go", "func RetryWithData[T any]("),
			backoff6:  yes("retry.go", "func Retry[T any]("),
			avast:     yes("options.go", "func NewWithData[T any]("),
			sethvargo: yes("retry.go", "func DoValue[T any]("),
			zero:      reads("no", "core/fx/retry.go", "func DoWithRetry(fn func() error"),
		}},
		{"one serves all calls at once", nil, map[*library]cell{
			ductile:  yes("retry/book.go", "func (p *Policy) Start() any"),
			failsafe: yes("retrypolicy/retry.go", "concurrency safe"),
			backoff4: reads("no: it has a state", "exponential.go", "Implementation is not thread-safe"),
			backoff6: reads("no: it has a state", "retry.go", "give each concurrent Retry call its own BackOff"),
			avast: reads("yes, with one context for all", "options.go", "can be safely reused across multiple retry operations",
				"options.go", "func Context(ctx context.Context)"),
			sethvargo: reads("no: it has a state", "backoff_exponential.go", "attempt atomic.Uint64"),
			eapache:   yes("retrier/retrier.go", "randMu            sync.Mutex"),
			zero:      reads("made by each call", "core/fx/retry.go", "func DoWithRetry(fn func() error, opts ...RetryOption) error"),
		}},
		{"says when it repeats", []string{"notify", "listener", "onretry"}, map[*library]cell{
			ductile:  yes("retry/options.go", "func OnRetry(listener func(Event))"),
			failsafe: yes("retrypolicy/retry.go", "OnRetryScheduled("),
			backoff4: yes("retry.go", "func RetryNotify("),
			backoff6: yes("retry.go", "func WithNotify("),
			avast:    yes("options.go", "func OnRetry(onRetry OnRetryFunc)"),
		}},
		{"returns the errors of all attempts", []string{"[]error", "errors.Join", "multierr"}, map[*library]cell{
			ductile:   lacks("the last, and why it gave up", "errors.Join").also("errors.go", "Unwrap returns the last error and the reason."),
			failsafe:  reads("the last, and that it gave up", "retrypolicy/retry.go", "LastError"),
			backoff6:  reads("the last, and why it gave up", "error.go", "Unwrap() []error"),
			avast:     yes("retry.go", "type Error []error"),
			eapache:   reads("the last", "retrier/retrier.go", "return ret"),
			sethvargo: reads("the last", "retry.go", "return nilT, rerr.Unwrap()"),
			backoff4:  reads("the last", "retry.go", "return res, err"),
			zero:      yes("core/fx/retry.go", "var berr errorx.BatchError"),
		}},
	}
}
