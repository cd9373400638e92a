package main

// whole is what is asked of a library besides its policies.
func whole() table {
	return table{
		title:   "To build, to run and to test with",
		about:   "Of those that have more than a retry.",
		columns: []*library{ductile, failsafe, gobreaker, hystrix, eapache, aegis, zero, bhope},
		rows: []row{
			{"policies around one another, in any order", []string{"compose", "pipeline"}, map[*library]cell{
				ductile:  yes("pipeline.go", "func New(name string, policies ...Policy) *Pipeline"),
				failsafe: yes("executor.go", "func With[R any](policies ...Policy[R]) Executor[R]"),
				hystrix:  reads("one order: breaker, bulkhead, timeout, fallback", "hystrix/hystrix.go", "if !cmd.circuit.AllowRequest() {"),
				zero:     reads("in its servers, one order", "rest/engine.go", "buildChainWithNativeMiddlewares"),
			}},
			{"policies of your own", []string{"policy interface"}, map[*library]cell{
				ductile:  yes("policy.go", "type Gate interface"),
				failsafe: yes("policy.go", "type Policy[R any] interface"),
				zero:     none("type Policy interface"),
			}},
			{"one for each host or tenant", []string{"map[string]*", "sync.Map"}, map[*library]cell{
				failsafe: lacks("none, but fair shares for users", "sync.Map", "map[string]CircuitBreaker").also("priority/usage.go",
					"users map[string]*userEntry"),
				ductile: reads("bounded in number", "keyed/keyed.go", "type Pipelines[K comparable", "keyed/options.go", "func Max(pipelines int)"),
				hystrix: reads("by name, for ever", "hystrix/circuit.go", "circuitBreakers      map[string]*CircuitBreaker"),
				zero:    reads("by name, for ever", "core/breaker/breakers.go", "breakers = make(map[string]Breaker)"),
				bhope:   reads("its percentile, for ever", "hedge.go", "m  map[string]*sketch.WindowedSketch"),
			}},
			{"numbers change while it runs", []string{"Reconfigure", ") Update(", "SetThreshold"}, map[*library]cell{
				ductile: reads("yes, what was counted is kept", "breaker/update.go", "func (b *Breaker) Update(options ...Option) error"),
				hystrix: reads("but the bulkhead's", "hystrix/settings.go",
					"CommandConfig is used to tune circuit settings at runtime", "hystrix/pool.go",
					"p.Max = getSettings(name).MaxConcurrentRequests"),
				bhope: reads("no: SetRPS is out of reach", "budget/token_bucket.go", "func (tb *TokenBucket) SetRPS(rps float64)",
					"hedge.go", "budget   *budget.TokenBucket"),
				zero:      reads("not its breaker's: they are constants", "core/breaker/googlebreaker.go", "forcePassDuration = time.Second"),
				gobreaker: none("Reconfigure", ") Update("),
			}},
			{"OpenTelemetry traces", []string{"opentelemetry"}, map[*library]cell{
				ductile: yes("telemetry/tracer.go", "go.opentelemetry.io/otel"),
				zero:    reads("of requests", "rest/handler/tracehandler.go", "go.opentelemetry.io/otel"),
			}},
			{"metrics", []string{"prometheus", "statsd", "otel/metric"}, map[*library]cell{
				ductile:  reads("OpenTelemetry", "telemetry/instruments.go", "go.opentelemetry.io/otel/metric"),
				failsafe: lacks("to be read", "prometheus", "statsd", "otel/metric").also("circuitbreaker/circuitbreaker.go", "Metrics() Metrics"),
				gobreaker: lacks("to be read", "prometheus", "statsd", "otel/metric").also("gobreaker.go",
					"func (cb *CircuitBreaker[T]) Counts() Counts"),
				hystrix: reads("statsd, Datadog, Graphite, its dashboard", "plugins/statsd_collector.go", "StatsdCollector",
					"hystrix/eventstream.go", "func NewStreamHandler()"),
				aegis: lacks("to be read", "prometheus", "statsd", "otel/metric").also("ratelimit/bbr/bbr.go", "func (l *BBR) Stat() Stat"),
				zero:  reads("Prometheus, of requests", "rest/handler/prometheushandler.go", "func PrometheusHandler("),
				bhope: lacks("to be read", "prometheus", "statsd", "otel/metric").also("stats.go", "func (s *Stats) Snapshot() StatsSnapshot"),
			}},
			{"a dashboard or alerts", []string{"dashboard"}, map[*library]cell{
				ductile: yes("docs/dashboards/alerts.yml", "groups:"),
				hystrix: reads("that of Hystrix", "hystrix/doc.go", "Hystrix Dashboard"),
			}},
			{"the worst case of a call, computed", []string{"type Plan struct", ") Plan() Plan"}, map[*library]cell{
				ductile: yes("plan.go", "func (p *Pipeline) Plan() Plan"),
			}},
			{"an outage, simulated with your policies", []string{"simulat"}, map[*library]cell{
				ductile:  yes("ductiletest/simulate.go", "func Simulate(t *testing.T, s Simulation) *Result"),
				failsafe: none("func Simulate", "type Simulation"),
				hystrix:  lacks("a program that loads one", "func Simulate", "type Simulation").also("loadtest/service/main.go", "package main"),
				zero:     none("func Simulate", "type Simulation"),
			}},
			tried("its breaker lives in a bubble of testing/synctest", "TestBubbles", "", true, true, true, true, true, true).and(map[*library]cell{
				hystrix: reads("no: a goroutine that does not end", "hystrix/metrics.go", "go m.Monitor()"),
				bhope: lacks("no breaker, and a goroutine that does not end", "breaker").also("sketch/windowed.go",
					"go w.rotateLoop(windowDuration)"),
			}),
			{"a test for policies or transports of your own", []string{"testing.T)", "testing.T,"}, map[*library]cell{
				ductile:  yes("ductiletest/gate.go", "func Gate(t *testing.T", "ductiletest/roundtripper.go", "func RoundTripper(t *testing.T"),
				failsafe: reads("internal", "internal/policytesting/executor.go", "package policytesting"),
				zero:     lacks(nothing, "JudgeRoundTripper", "TestPolicy("),
			}},
			{"state that all of a program's users share", []string{"= make(map[string]", "sync.Pool", "func init()"}, map[*library]cell{
				ductile:   reads(nothing, "house_test.go", "no state at package level"),
				failsafe:  reads("a table of numbers", "internal/util/util.go", "func init()"),
				gobreaker: reads("none, but in an example", "example/http_breaker.go", "func init()").but("sync.Pool", "make(map["),
				hystrix:   reads("breakers, by name", "hystrix/circuit.go", "func init()"),
				aegis:     reads("its limiter's meter of CPU, a goroutine", "ratelimit/bbr/bbr.go", "go cpuproc()"),
				zero: reads("breakers, by name; a meter of CPU", "core/breaker/breakers.go", "breakers = make(map[string]Breaker)",
					"core/stat/usage.go", "func init()"),
				bhope: reads("a pool of timers", "hedge.go", "var timerPool = sync.Pool"),
			}},
			{"calls that are the same are made once", []string{"singleflight"}, map[*library]cell{
				zero: yes("core/syncx/singleflight.go", "func NewSingleFlight()"),
			}},
			{"calls in batches", []string{"batch"}, map[*library]cell{
				eapache: yes("batcher/batcher.go", "func New(timeout time.Duration"),
				zero:    yes("core/executors/bulkexecutor.go", "func NewBulkExecutor("),
			}},
			{"asynchronous calls", []string{"GetAsync", "RunAsync"}, map[*library]cell{
				failsafe: yes("executor.go", "GetAsync(fn func() (R, error)) ExecutionResult[R]"),
				hystrix:  yes("hystrix/hystrix.go", "func GoC("),
				eapache:  reads("without their results", "breaker/breaker.go", "func (b *Breaker) Go("),
			}},
		},
	}
}
