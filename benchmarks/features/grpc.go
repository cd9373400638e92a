package main

const (
	zeroClient = "zrpc/internal/clientinterceptors/"
	zeroServer = "zrpc/internal/serverinterceptors/"
)

// overGRPC is for whom a client or a server of gRPC is to be made resilient.
func overGRPC() table {
	return table{
		title: "gRPC",
		about: "What is kept of the contract of gRPC is judged in [interceptors](interceptors.md), promise by promise. gRPC itself repeats calls where the " +
			"service config says so.",
		columns: []*library{ductile, failsafe, middleware, bhope, zero},
		within:  map[*library]string{ductile: "ductilegrpc", failsafe: "failsafegrpc", zero: "zrpc"},
		rows: []row{
			{"unary calls, client", []string{"UnaryClientInterceptor"}, map[*library]cell{
				ductile:    reads("any policies", "ductilegrpc/client.go", "func NewClient(p ductile.Composed"),
				failsafe:   reads("any policies", "failsafegrpc/client.go", "func NewUnaryClientInterceptor["),
				middleware: reads("retry, timeout, a limiter of yours", "interceptors/retry/retry.go", "func UnaryClientInterceptor("),
				bhope:      reads("hedge", "hedge_grpc.go", "func NewUnaryClientInterceptor("),
				zero: reads("breaker, timeout", zeroClient+"breakerinterceptor.go", "func BreakerInterceptor(",
					zeroClient+"timeoutinterceptor.go", "func TimeoutInterceptor("),
			}},
			{"streams, client", []string{"StreamClientInterceptor"}, map[*library]cell{
				ductile: reads("all but a hedge", "ductilegrpc/stream.go", "func (c *Client) Stream(",
					"ductilegrpc/doc.go", "until its first message or header"),
				failsafe: none("StreamClientInterceptor", "ClientStream"),
				middleware: reads("retry of streams from the server, a limiter of yours", "interceptors/retry/retry.go",
					"Retry logic is available *only for ServerStreams*"),
				bhope: none("StreamClientInterceptor", "ClientStream"),
				zero: reads("traces alone", "zrpc/internal/client.go", "buildStreamInterceptors() []grpc.StreamClientInterceptor",
					zeroClient+"tracinginterceptor.go", "func StreamTracingInterceptor("),
			}},
			{"unary calls, server", []string{"UnaryServerInterceptor"}, map[*library]cell{
				ductile:    reads("gates, timeout", "ductilegrpc/server.go", "func NewServer(p *ductile.Pipeline"),
				failsafe:   reads("any policies", "failsafegrpc/server.go", "func NewUnaryServerInterceptor["),
				middleware: reads("a limiter of yours", "interceptors/ratelimit/ratelimit.go", "func UnaryServerInterceptor("),
				zero: reads("breaker, shedding, timeout", zeroServer+"breakerinterceptor.go", "func UnaryBreakerInterceptor(",
					zeroServer+"sheddinginterceptor.go", "func UnarySheddingInterceptor("),
			}},
			{"streams, server", []string{"StreamServerInterceptor"}, map[*library]cell{
				ductile:    reads("gates, timeout", "ductilegrpc/server.go", "grpc.ChainStreamInterceptor"),
				failsafe:   none("StreamServerInterceptor", "ServerStream"),
				middleware: reads("a limiter of yours", "interceptors/ratelimit/ratelimit.go", "func StreamServerInterceptor("),
				zero:       reads("breaker", zeroServer+"breakerinterceptor.go", "func StreamBreakerInterceptor("),
			}},
			{"refuses before the request is read", []string{"grpc/tap", "ServerInHandle"}, map[*library]cell{
				failsafe: yes("failsafegrpc/server.go", "func NewServerInHandle["),
			}},
			{"retry: which calls", []string{"retry"}, map[*library]cell{
				ductile: reads("those that you or their .proto call idempotent, or that never left", "ductilegrpc/client_options.go",
					"func Methods(level Idempotency", "ductilegrpc/idempotency.go", "idempotency_level"),
				failsafe: lacks("all that fail with a code", "idempot").also("failsafegrpc/policy.go",
					"case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted:"),
				middleware: reads("all that fail with a code; an option for each call", "interceptors/retry/options.go",
					"DefaultRetriableCodes = []codes.Code{codes.ResourceExhausted, codes.Unavailable}"),
				zero: none("DoWithRetry", "retryPolicy"),
			}},
			{"heeds the server's pushback", []string{"pushback", "RetryInfo"}, map[*library]cell{
				ductile: yes("ductilegrpc/judge.go", `const pushbackTrailer = "grpc-retry-pushback-ms"`),
			}},
			{"tells a client when to come back", []string{"pushback", "RetryInfo"}, map[*library]cell{
				ductile: yes("ductilegrpc/server_error.go", "RetryInfo"),
			}},
			{"a budget of retries or hedges", []string{"budget"}, map[*library]cell{
				ductile:  reads("by default", "pipeline.go", "shared = budget.New()"),
				failsafe: reads("if asked", "budget/budget.go", "func New() Budget"),
				bhope:    reads("by default", "hedge_grpc.go", "gi.budget.TryAcquire()"),
			}},
			{"a breaker or the like for each method or target", []string{"cc.Target()"}, map[*library]cell{
				ductile: reads("a pipeline, bounded", "ductilegrpc/client.go", "func NewKeyedClient["),
				bhope:   reads("its percentile, for ever", "hedge_grpc.go", "target := cc.Target()"),
				zero:    reads("a breaker, for ever", zeroClient+"breakerinterceptor.go", "path.Join(cc.Target(), method)"),
			}},
			{"a copy has a reply of its own", []string{"hedg"}, map[*library]cell{
				ductile: yes("ductilegrpc/reply.go", "func another(reply any) any"),
				failsafe: lacks("no: all write to one", "proto.Clone", "reflect.New").also("failsafegrpc/client.go",
					"invoker(innerCtx, method, req, reply, cc, opts...)"),
				bhope: yes("hedge_grpc.go", "func allocReply(reply interface{}) interface{}"),
				zero:  none("hedging", "hedged"),
			}},
			{"an answer in place of an error", []string{"fallbackfunc", "fallback["}, map[*library]cell{
				ductile:  yes("ductilegrpc/fallback.go", "func Fallback[Req, Reply any]("),
				failsafe: reads("by writing to the reply", "fallback/fallback.go", "func NewWithFunc["),
			}},
			{"recovers a panic of the handler", []string{"recover()"}, map[*library]cell{
				ductile:    reads("no: it passes", "ductilegrpc/server.go", "A panic passes through untouched"),
				failsafe:   lacks("no: it passes", "recover()"),
				middleware: yes("interceptors/recovery/interceptors.go", "func UnaryServerInterceptor("),
				zero:       yes(zeroServer+"recoverinterceptor.go", "func UnaryRecoverInterceptor("),
			}},
			{"logs, validates, authenticates", []string{"type Logger interface", "validator"}, map[*library]cell{
				ductile: lacks("by telemetry, the calls that fail", "type Logger interface",
					"validator").also("telemetry/options.go", "func WithLogger("),
				middleware: yes("interceptors/logging/logging.go", "type Logger interface", "interceptors/auth/auth.go",
					"func UnaryServerInterceptor("),
				zero: reads("logs, authenticates", zeroServer+"authinterceptor.go", "func UnaryAuthorizeInterceptor("),
			}},
		},
	}
}
