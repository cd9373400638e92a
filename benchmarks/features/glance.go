package main

// glance is who has what at all.
func glance() table {
	return table{
		title:   "At a glance",
		about:   "What each has at all. The tables below say how much of it.",
		columns: libraries,
		turned:  true,
		rows: []row{
			{"breaker", []string{"breaker"}, map[*library]cell{
				ductile:   yes("breaker/breaker.go", "func New(options ...Option) *Breaker"),
				failsafe:  yes("circuitbreaker/circuitbreaker.go", "type CircuitBreaker[R any] interface"),
				gobreaker: yes("gobreaker.go", "type CircuitBreaker[T any] struct"),
				eapache:   yes("breaker/breaker.go", "type Breaker struct"),
				hystrix:   yes("hystrix/circuit.go", "type CircuitBreaker struct"),
				aegis:     reads("yes, refuses a share", "circuitbreaker/sre/sre.go", "type Breaker struct"),
				zero:      reads("yes, refuses a share", "core/breaker/googlebreaker.go", "googleBreaker struct"),
			}},
			{"retry", []string{"retry"}, map[*library]cell{
				ductile:    yes("retry/retry.go", "func New(options ...Option) *Policy"),
				failsafe:   yes("retrypolicy/retry.go", "type RetryPolicy[R any] interface"),
				backoff4:   yes("retry.go", "func Retry(o Operation, b BackOff) error"),
				backoff6:   yes("retry.go", "func Retry[T any]("),
				avast:      yes("retry.go", "func (r *Retrier) Do("),
				sethvargo:  yes("retry.go", "func Do(ctx context.Context, b Backoff, f RetryFunc) error"),
				eapache:    yes("retrier/retrier.go", "func (r *Retrier) RunCtx("),
				zero:       yes("core/fx/retry.go", "func DoWithRetryCtx("),
				retryable:  yes("client.go", "func (c *Client) Do(req *Request)"),
				middleware: yes("interceptors/retry/retry.go", "func UnaryClientInterceptor("),
			}},
			{"timeout", []string{"WithTimeout(", "WithDeadline(", "time.AfterFunc"}, map[*library]cell{
				ductile:    yes("timeout/timeout.go", "func New(after time.Duration"),
				failsafe:   yes("timeout/timeout.go", "type Timeout[R any] interface"),
				eapache:    yes("deadline/deadline.go", "func (d *Deadline) Run("),
				hystrix:    yes("hystrix/hystrix.go", "timer := time.NewTimer(getSettings(name).Timeout)"),
				zero:       yes("core/fx/timeout.go", "func DoWithTimeout("),
				middleware: yes("interceptors/timeout/timeout.go", "func UnaryClientInterceptor("),
			}},
			{"bulkhead", []string{"bulkhead", "semaphore"}, map[*library]cell{
				ductile:  yes("bulkhead/bulkhead.go", "func New(limit int"),
				failsafe: yes("bulkhead/bulkhead.go", "func New[R any](maxConcurrency uint)"),
				eapache:  yes("semaphore/semaphore.go", "func (s *Semaphore) Acquire() error"),
				hystrix:  yes("hystrix/pool.go", "MaxConcurrentRequests"),
				zero:     yes("core/syncx/limit.go", "func NewLimit(n int) Limit"),
				xsync:    yes("semaphore/semaphore.go", "func NewWeighted(n int64) *Weighted"),
			}},
			{"rate limit", []string{"ratelimit", "rate limit", "rate.Limiter"}, map[*library]cell{
				ductile:    yes("ratelimit/ratelimit.go", "func New(limit rate.Limit, burst int"),
				failsafe:   yes("ratelimiter/ratelimiter.go", "type RateLimiter[R any] interface"),
				aegis:      lacks("none: its ratelimit adapts", "token bucket", "leaky", "rate.Limiter"),
				zero:       reads("yes, by Redis", "core/limit/tokenlimit.go", "func NewTokenLimiter(rate, burst int, store *redis.Redis"),
				retryable:  none("rate.Limiter", "token", "per second"),
				middleware: reads("takes yours", "interceptors/ratelimit/ratelimit.go", "type Limiter interface"),
				xtime:      yes("rate/rate.go", "func NewLimiter(r Limit, b int) *Limiter"),
			}},
			{"limit that adapts", []string{"adaptive"}, map[*library]cell{
				failsafe: yes("adaptivelimiter/adaptivelimiter.go", "type AdaptiveLimiter[R any] interface"),
				aegis:    yes("ratelimit/bbr/bbr.go", "BBR implements bbr-like limiter"),
				zero:     yes("core/load/adaptiveshedder.go", "func NewAdaptiveShedder("),
			}},
			{"hedge", []string{"hedg"}, map[*library]cell{
				ductile:  yes("hedge/hedge.go", "func New(options ...Option) *Policy"),
				failsafe: yes("hedgepolicy/hedge.go", "type HedgePolicy[R any] interface"),
				hedged:   yes("hedged.go", "func NewRoundTripper("),
				bhope:    yes("hedge.go", "func New(transport http.RoundTripper, opts ...Option) http.RoundTripper"),
			}},
			{"fallback", []string{"fallbackfunc", "tryfallback", "withfallback", "package fallback"}, map[*library]cell{
				ductile:  yes("fallback/fallback.go", "func Func[V any]("),
				failsafe: yes("fallback/fallback.go", "type Fallback[R any] interface"),
				hystrix:  yes("hystrix/hystrix.go", "func (c *command) tryFallback("),
				zero:     reads("of refusals", "core/breaker/breaker.go", "DoWithFallback runs the fallback if the Breaker rejects the request"),
			}},
			{"safe mode", []string{"safemode", "safe mode", "degrad"}, map[*library]cell{
				ductile: yes("safemode/safemode.go", "func New(options ...Option) *Mode"),
			}},
			{"cache", []string{"newcache", "withcache", "package cache"}, map[*library]cell{
				failsafe: yes("cachepolicy/cache.go", "type CachePolicy[R any] interface"),
				aegis:    reads("of hot keys", "hotkey/hotkey.go", "type HotKeyWithCache struct"),
				zero:     yes("core/collection/cache.go", "func NewCache("),
			}},
			{"HTTP", []string{"RoundTripper", "http.Handler"}, map[*library]cell{
				ductile:   yes("ductilehttp/transport.go", "func NewTransport(", "ductilehttp/handler.go", "func Handler("),
				failsafe:  yes("failsafehttp/client.go", "func NewRoundTripper(", "failsafehttp/server.go", "func NewHandler("),
				zero:      yes("rest/httpc/service.go", "func NewService(", "rest/handler/breakerhandler.go", "func BreakerHandler("),
				hystrix:   lacks("its metrics alone", "RoundTripper").also("hystrix/eventstream.go", "func NewStreamHandler()"),
				hedged:    reads("client", "hedged.go", "func NewRoundTripper("),
				bhope:     reads("client", "hedge.go", "func New(transport http.RoundTripper"),
				retryable: reads("client", "roundtripper.go", "type RoundTripper struct"),
			}},
			{"gRPC", []string{"google.golang.org/grpc"}, map[*library]cell{
				ductile: yes("ductilegrpc/client.go", "func NewClient(", "ductilegrpc/server.go", "func NewServer("),
				failsafe: yes("failsafegrpc/client.go", "func NewUnaryClientInterceptor[", "failsafegrpc/server.go",
					"func NewUnaryServerInterceptor["),
				zero:       yes("zrpc/internal/clientinterceptors/breakerinterceptor.go", "func BreakerInterceptor("),
				bhope:      reads("client", "hedge_grpc.go", "func NewUnaryClientInterceptor("),
				middleware: yes("interceptors/retry/retry.go", "func StreamClientInterceptor("),
			}},
		},
	}
}
