package main

// breakers is for whom a breaker is to be chosen.
func breakers() table {
	return table{
		title: "Breakers",
		about: "Those of aegis and go-zero are of another kind: they refuse a share of the calls, which grows with the share that fails.",
		columns: []*library{
			ductile, failsafe, gobreaker, hystrix, eapache, aegis, zero,
		},
		within: map[*library]string{
			ductile: "breaker", failsafe: "circuitbreaker", hystrix: "hystrix", eapache: "breaker", aegis: "circuitbreaker", zero: "core/breaker",
		},
		rows: []row{
			{"opens after failures in a row", []string{"consecutive", "in a row"}, map[*library]cell{
				ductile:   yes("breaker/options.go", "func ConsecutiveFailures(calls int)"),
				failsafe:  yes("circuitbreaker/circuitbreakerbuilder.go", "WithFailureThreshold(failureThreshold uint)"),
				gobreaker: yes("gobreaker.go", "counts.ConsecutiveFailures > 5"),
				eapache: reads("after so many, less than the open time apart", "breaker/breaker.go",
					"opens if \"errorThreshold\" errors are seen"),
			}},
			{"by a failure rate over time", []string{"window", "bucket"}, map[*library]cell{
				ductile:  yes("breaker/options.go", "func FailureRate(rate float64)", "breaker/options.go", "func Window(window time.Duration)"),
				failsafe: yes("circuitbreaker/circuitbreakerbuilder.go", "WithFailureRateThreshold(failureRateThreshold float64"),
				gobreaker: reads("by a function of yours", "gobreaker.go", "ReadyToTrip   func(counts Counts) bool", "gobreaker.go",
					"BucketPeriod  time.Duration"),
				hystrix: reads("yes, 10 s", "hystrix/settings.go", "ErrorPercentThreshold  int", "hystrix/rolling/rolling.go",
					"time.Now().Unix() - 10"),
				aegis: reads("refuses a share", "circuitbreaker/sre/sre.go", "func WithWindow(d time.Duration)"),
				zero:  reads("refuses a share, 10 s", "core/breaker/googlebreaker.go", "time.Second * 10"),
			}},
			{"by a failure rate over the last calls", []string{"countwindow", "thresholdingcapacity"}, map[*library]cell{
				ductile: yes("breaker/options.go", "func CountWindow(calls int)"),
				failsafe: yes("circuitbreaker/circuitbreakerbuilder.go",
					"WithFailureThresholdRatio(failureThreshold uint, failureThresholdingCapacity uint)"),
			}},
			{"slow calls count", []string{"slowcalls", "slow calls"}, map[*library]cell{
				ductile:  yes("breaker/options.go", "func SlowCalls(after time.Duration, rate float64)"),
				failsafe: lacks("with a timeout inside", "slow"),
			}},
			{"how many probes are let in", []string{"maxRequests", "probe", "permittedExecutions"}, map[*library]cell{
				ductile:   reads("as set", "breaker/options.go", "func Probes(n int)"),
				failsafe:  reads("as set", "circuitbreaker/circuitbreakerbuilder.go", "WithSuccessThreshold(successThreshold uint)"),
				gobreaker: reads("as set", "gobreaker.go", "MaxRequests   uint32"),
				hystrix:   reads("one", "hystrix/circuit.go", "func (circuit *CircuitBreaker) allowSingleTest() bool"),
				eapache:   reads("all that come", "breaker/breaker.go", "if state == Open {"),
				aegis:     reads("a share, always", "circuitbreaker/sre/sre.go", "drop := b.trueOnProba(dr)"),
				zero:      reads("a share, one a second at least", "core/breaker/googlebreaker.go", "forcePassDuration = time.Second"),
			}},
			{"open for longer while probes fail", []string{"growth", "exponential", "backoff"}, map[*library]cell{
				ductile:  yes("breaker/options.go", "func OpenTimeGrowth(factor float64, limit time.Duration)"),
				failsafe: reads("by a function of yours", "circuitbreaker/circuitbreakerbuilder.go", "WithDelayFunc(delayFunc"),
				hystrix:  none("growth", "exponential"),
			}},
			{"open time with jitter", []string{"jitter", "math/rand"}, map[*library]cell{
				ductile:  yes("breaker/options.go", "func OpenTimeJitter(share float64)"),
				failsafe: yes("circuitbreaker/circuitbreakerbuilder.go", "WithJitterFactor(jitterFactor float64)"),
				aegis:    reads("no open time", "circuitbreaker/sre/sre.go", "drop := b.trueOnProba(dr)"),
				zero:     reads("no open time", "core/breaker/googlebreaker.go", "b.proba.TrueOnProba(dropRatio)"),
			}},
			{"more and more calls after it closes", []string{"ramp", "warm"}, map[*library]cell{
				ductile: yes("breaker/options.go", "func Ramp(over time.Duration)"),
				aegis:   reads("by its nature", "circuitbreaker/sre/sre.go", "dr := math.Max(0"),
				zero:    reads("by its nature", "core/breaker/googlebreaker.go", "dropRatio *="),
			}},
			{"says which errors count", []string{"acceptable", "classif", "successful"}, map[*library]cell{
				ductile:   yes("breaker/options.go", "func Classify(classifier fault.Classifier)", "breaker/options.go", "func CountAs("),
				failsafe:  yes("policy/policy.go", "HandleIf("),
				gobreaker: yes("gobreaker.go", "IsSuccessful  func(err error) bool"),
				hystrix:   reads("all but the caller's end", "hystrix/metrics.go", "case \"context_canceled\":"),
				aegis:     reads("you record", "circuitbreaker/circuitbreaker.go", "MarkFailed()"),
				zero:      yes("core/breaker/breaker.go", "DoWithAcceptableCtx("),
			}},
			{"some calls count for nothing", []string{"excluded", "ignore", "CountAs"}, map[*library]cell{
				ductile:   yes("breaker/options.go", "func CountAs(class, as fault.Class)"),
				gobreaker: yes("gobreaker.go", "IsExcluded    func(err error) bool"),
				aegis:     reads("those that you do not record", "circuitbreaker/circuitbreaker.go", "MarkSuccess()"),
			}},
			{"opened and closed by hand", []string{"ForceOpen", "ForceClosed", "Isolate"}, map[*library]cell{
				ductile: yes("breaker/control.go", "func (b *Breaker) Isolate(reason string)", "breaker/control.go",
					"func (b *Breaker) ForceClosed()"),
				failsafe: reads("yes, until the delay ends", "circuitbreaker/circuitbreaker.go", "// Open opens the CircuitBreaker."),
				hystrix:  reads("not exported", "hystrix/circuit.go", "func (circuit *CircuitBreaker) toggleForceOpen("),
				zero:     reads("off, by name", "core/breaker/breakers.go", "func NoBreakerFor(name string)"),
			}},
			{"says when its state changes", []string{"OnStateChange", "listener", "OnTransition"}, map[*library]cell{
				ductile:   yes("breaker/options.go", "func OnTransition(listener func(Transition))"),
				failsafe:  yes("circuitbreaker/circuitbreakerbuilder.go", "OnStateChanged(listener func(StateChangedEvent))"),
				gobreaker: yes("gobreaker.go", "OnStateChange func(name string, from State, to State)"),
				hystrix:   reads("logs it", "hystrix/circuit.go", "hystrix-go: opening circuit %v"),
				zero:      reads("logs refusals", "core/breaker/breaker.go", "breaker is open and requests dropped"),
			}},
			{"refuses a share of the calls, not all", []string{"throttl", "TrueOnProba"}, map[*library]cell{
				failsafe: reads("by its adaptive throttler", "adaptivethrottler/adaptivethrottler.go", "WithMaxRejectionRate("),
				aegis:    yes("circuitbreaker/sre/sre.go", "drop := b.trueOnProba(dr)"),
				zero:     yes("core/breaker/googlebreaker.go", "b.proba.TrueOnProba(dropRatio)"),
			}},
			{"for code that is no function call", []string{"allow", "acquire"}, map[*library]cell{
				ductile:   yes("breaker/breaker.go", "func (b *Breaker) Acquire("),
				failsafe:  yes("circuitbreaker/circuitbreaker.go", "TryAcquirePermit() bool"),
				gobreaker: yes("twostep_gobreaker.go", "Allow() (done func(err error), err error)"),
				hystrix:   yes("hystrix/circuit.go", "AllowRequest() bool", "hystrix/circuit.go", "ReportEvent("),
				aegis:     yes("circuitbreaker/circuitbreaker.go", "Allow() error"),
				zero:      yes("core/breaker/breaker.go", "Allow() (Promise, error)"),
			}},
			{"one for calls with values of any type", []string{"[T any]", "[R any]"}, map[*library]cell{
				ductile:   yes("do.go", "func Do[T any](ctx context.Context, p *Pipeline"),
				failsafe:  reads("`[any]`, by ComposeAny", "executor.go", "ComposeAny(innerPolicy ResultAgnosticPolicy[any])"),
				gobreaker: reads("`[any]`, or two-step", "gobreaker.go", "func (cb *CircuitBreaker[T]) Execute(req func() (T, error)) (T, error)", "twostep_gobreaker.go", "type TwoStepCircuitBreaker[T any] struct"),
				hystrix:   lacks("returns an error only", "[T any]").also("hystrix/hystrix.go", "type runFunc func() error"),
				eapache:   lacks("returns an error only", "[T any]").also("breaker/breaker.go", "Run(work func() error) error"),
				aegis:     lacks("calls nothing", "[T any]"),
				zero:      lacks("returns an error only", "[T any]").also("core/breaker/breaker.go", "Do(req func() error) error"),
			}},
			{"shared by processes", []string{"redis", "SharedDataStore"}, map[*library]cell{
				gobreaker: reads("through a store of yours", "distributed_gobreaker.go", "type SharedDataStore interface"),
			}},
		},
	}
}
