package main

// hedges is for whom a hedge is to be chosen.
func hedges() table {
	return table{
		title:   "Hedges",
		about:   "A second copy of a slow call. What happens in odd cases is below, as tests.",
		columns: []*library{ductile, failsafe, hedged, bhope},
		within:  map[*library]string{ductile: "hedge", failsafe: "hedgepolicy"},
		rows: []row{
			{"of any function", []string{"func(context.Context)"}, map[*library]cell{
				ductile:  yes("do_concurrent.go", "func DoConcurrent[T any]("),
				failsafe: yes("hedgepolicy/hedge.go", "type HedgePolicy[R any] interface"),
				hedged:   lacks("HTTP only", "[T any]", "func() error"),
				bhope:    lacks("HTTP and unary gRPC only", "[T any]", "func() error"),
			}},
			{"after a fixed time", []string{"fixed"}, map[*library]cell{
				ductile:  yes("hedge/options.go", "func After(delay time.Duration)"),
				failsafe: yes("hedgepolicy/hedge.go", "func NewWithDelay["),
				hedged:   yes("hedged.go", "Delay time.Duration"),
				bhope:    reads("for the first 20 calls", "options.go", "warmupDelay:    10 * time.Millisecond", "options.go", "warmupRequests: 20"),
			}},
			{"after a percentile of what calls take", []string{"percentile", "quantile"}, map[*library]cell{
				ductile:  reads("by default", "hedge/options.go", "func Percentile(share float64)"),
				failsafe: yes("hedgepolicy/hedge.go", "func NewWithDelayQuantile["),
				bhope:    reads("by default, for each host or target", "options.go", "func WithPercentile(p float64)", "hedge.go", "sketchFor(host)"),
			}},
			{"after a time that you compute for each call", []string{"func() time.Duration", "DelayFunc"}, map[*library]cell{
				failsafe: yes("hedgepolicy/hedge.go", "func NewWithDelayFunc["),
				hedged:   yes("hedged.go", "type NextFn func() (upto int, delay time.Duration)"),
			}},
			{"several copies", []string{"copies"}, map[*library]cell{
				ductile:  yes("hedge/options.go", "func Extra(copies int)"),
				failsafe: yes("hedgepolicy/hedge.go", "WithMaxHedges(maxHedges int)"),
				hedged:   yes("hedged.go", "Upto int"),
				bhope:    reads("one: WithMaxHedges is not read", "hedge.go", "ch := make(chan result, 2)"),
			}},
			{"bounded by a budget", []string{"budget"}, map[*library]cell{
				ductile:  reads("by default, a share of the calls", "hedge/options.go", "func Budget(b *budget.Budget)"),
				failsafe: reads("if asked, a share of what is in flight", "hedgepolicy/hedge.go", "WithBudget(hedgeBudget budget.Budget)"),
				bhope: reads("by default, 10 a second", "options.go", "budgetPercent:  10.0", "options.go", "budgetRPS:      100",
					"budget/token_bucket.go", "budgetPercent% of estimatedRPS"),
			}},
			{"only for requests that may be sent twice", []string{"idempot", "MethodGet", "MethodPost"}, map[*library]cell{
				ductile:  yes("ductilehttp/repeat.go", "http.MethodGet"),
				failsafe: none("idempot", "MethodGet", "MethodPost"),
				bhope:    lacks("whose body can be sent twice", "idempot", "methodget").also("hedge.go", "return req.GetBody != nil"),
			}},
			{"answers of copies that lost are closed", nil, map[*library]cell{
				ductile: reads("handed over, to be closed", "do_concurrent.go", "func Discard[T any](discard func(T)) Option[T]",
					"ductilehttp/transport.go", "Answers that are not returned are drained"),
				failsafe: lacks("no, their contexts are canceled", ".Close()", "discard").also("hedgepolicy/hedge.go", "cancel"),
				hedged: lacks("no, their contexts are canceled", "Body.Close", "io.Discard").also("hedged.go",
					"ht.metrics.canceledSubRequestsInc()"),
				bhope: yes("hedge.go", "func drainLoser(ch <-chan result)"),
			}},
			{"counts what it did", []string{"stats"}, map[*library]cell{
				ductile:  yes("hedge/snapshot.go", "func (p *Policy) Snapshot() Snapshot"),
				failsafe: lacks("by a listener", "stats").also("hedgepolicy/hedge.go", "OnHedge(listener"),
				hedged:   yes("stats.go", "func (s *Stats) HedgedRequestWins() uint64"),
				bhope:    yes("stats.go", "func (s *Stats) HedgeRate() float64"),
			}},
		},
	}
}
