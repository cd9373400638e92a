package main

// limits is for whom a limit is to be chosen.
func limits() table {
	return table{
		title:   "Limits",
		about:   "Of how many calls run at once, and of how many begin in a time.",
		columns: []*library{ductile, failsafe, eapache, hystrix, aegis, zero, xsync, xtime},
		rows: []row{
			{"so many at once", []string{"concurren", "semaphore"}, map[*library]cell{
				ductile:  yes("bulkhead/bulkhead.go", "func New(limit int"),
				failsafe: yes("bulkhead/bulkhead.go", "func New[R any](maxConcurrency uint)"),
				eapache:  yes("semaphore/semaphore.go", "func New(tickets int"),
				hystrix:  yes("hystrix/pool.go", "p.Tickets = make(chan *struct{}, p.Max)"),
				aegis:    reads("as it adapts", "ratelimit/bbr/bbr.go", "func (l *BBR) maxInFlight() int64"),
				zero:     yes("core/syncx/limit.go", "func NewLimit(n int) Limit"),
				xsync:    yes("semaphore/semaphore.go", "func NewWeighted("),
				xtime:    none("semaphore", "inflight"),
			}},
			{"who comes may wait for a place", []string{"wait", "queue"}, map[*library]cell{
				ductile:  yes("bulkhead/options.go", "func Queue(n int, wait time.Duration)"),
				failsafe: yes("bulkhead/bulkhead.go", "WithMaxWaitTime(maxWaitTime time.Duration)"),
				eapache:  yes("semaphore/semaphore.go", "case <-timer.C:"),
				hystrix:  lacks("no", "waiter").also("hystrix/hystrix.go", "cmd.errorWithFallback(ctx, ErrMaxConcurrency)"),
				zero:     yes("core/syncx/timeoutlimit.go", "func (l TimeoutLimit) Borrow(timeout time.Duration) error"),
				xsync:    reads("yes, as long as its context", "semaphore/semaphore.go", "func (s *Weighted) Acquire(ctx context.Context"),
				xtime:    reads("of a rate", "rate/rate.go", "func (lim *Limiter) Wait(ctx context.Context)"),
			}},
			{"and only so many of them", []string{"func Queue(", "withqueueing"}, map[*library]cell{
				ductile: yes("bulkhead/options.go", "func Queue(n int, wait time.Duration)"),
				failsafe: reads("of its adaptive limiter", "adaptivelimiter/adaptivelimiter.go",
					"WithQueueing(initialRejectionFactor, maxRejectionFactor float64)"),
			}},
			{"a call may take several places", []string{"weighted"}, map[*library]cell{
				xsync:    yes("semaphore/semaphore.go", "Acquire(ctx context.Context, n int64) error"),
				xtime:    reads("tokens", "rate/rate.go", "func (lim *Limiter) WaitN("),
				failsafe: reads("of a rate", "ratelimiter/ratelimiter.go", "AcquirePermits(ctx context.Context, permits uint) error"),
				zero:     lacks("of a rate", "NewWeighted").also("core/limit/tokenlimit.go", "AllowN("),
			}},
			{"an adaptive limit of what runs at once", []string{"adaptive", "gradient", "vegas"}, map[*library]cell{
				failsafe: yes("adaptivelimiter/adaptivelimiter.go", "type AdaptiveLimiter[R any] interface"),
				aegis:    reads("yes, by CPU", "ratelimit/bbr/bbr.go", "func WithCPUThreshold("),
				zero:     reads("yes, by CPU", "core/load/adaptiveshedder.go", "func WithCpuThreshold("),
			}},
			{"priorities: who is refused before whom", []string{"priorit"}, map[*library]cell{
				ductile:  lacks("none, but levels of safe mode", "priorit").also("safemode/safemode.go", "func (m *Mode) For(lowest Level) *Gate"),
				failsafe: yes("priority/priority.go", "type Priority int", "adaptivelimiter/adaptivelimiter.go", "BuildPrioritized("),
				zero:     none("prioritizer", "type Priority"),
			}},
			{"fair shares for users", []string{"fair", "usagetracker"}, map[*library]cell{
				failsafe: yes("priority/usage.go", "func NewUsageTracker("),
				zero:     none("fairness", "UsageTracker"),
			}},
			{"so many in a time", []string{"rate.limiter", "token bucket"}, map[*library]cell{
				ductile: reads("token bucket", "ratelimit/ratelimit.go", "func New(limit rate.Limit, burst int",
					"ratelimit/ratelimit.go", "func From(bucket *rate.Limiter"),
				failsafe: reads("smooth, fixed window", "ratelimiter/ratelimiter.go", "func NewSmooth[", "ratelimiter/ratelimiter.go",
					"func NewBursty["),
				zero: reads("token bucket, fixed window", "core/limit/tokenlimit.go", "func NewTokenLimiter(",
					"core/limit/periodlimit.go", "func NewPeriodLimit("),
				xtime:   reads("token bucket", "rate/rate.go", "func NewLimiter("),
				hystrix: none("rate.limiter", "token bucket", "ratelimit"),
			}},
			{"a rate shared by processes", []string{"redis.redis", "package redis"}, map[*library]cell{
				zero: reads("by Redis", "core/limit/tokenlimit.go", "store *redis.Redis"),
			}},
			{"a refusal says when to come back", []string{"retryafter", "retry-after"}, map[*library]cell{
				ductile:  reads("of a rate", "ratelimit/errors.go", "func (e *LimitedError) RetryAfter() (time.Duration, bool)"),
				failsafe: reads("by ReservePermit", "ratelimiter/ratelimiter.go", "ReservePermit() time.Duration"),
				xtime:    reads("by Reserve", "rate/rate.go", "func (r *Reservation) Delay() time.Duration"),
				zero:     none("RetryAfter", "Retry-After"),
			}},
			{"its numbers can be changed while it runs", []string{"SetLimit", "Update(", "Resize"}, map[*library]cell{
				ductile: yes("bulkhead/update.go", "func (b *Bulkhead) Update(options ...Option) error", "ratelimit/update.go",
					"func (l *Limiter) Update("),
				xtime:    yes("rate/rate.go", "func (lim *Limiter) SetLimit(newLimit Limit)"),
				failsafe: lacks("no", "SetLimit", ") Update(").also("bulkhead/bulkhead.go", "semaphore: make(chan struct{}, c.maxConcurrency)"),
				xsync:    reads("that of an errgroup, when it is idle", "errgroup/errgroup.go", "func (g *Group) SetLimit("),
				hystrix: reads("after Flush, which forgets", "hystrix/circuit.go", "func Flush()", "hystrix/pool.go",
					"p.Max = getSettings(name).MaxConcurrentRequests"),
				zero: reads("no", "core/syncx/limit.go", "pool: make(chan lang.PlaceholderType, n)"),
			}},
		},
	}
}
