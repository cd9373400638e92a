// Hedging shows what a second copy of a slow call is worth, and what it costs: two clients make the same calls to three replicas of a
// server, of which one stalls now and then. One client waits, the other hedges. It takes eleven seconds, and exits non-zero if hedging
// does not keep what it promises.
//
//	go run ./examples/hedging
//	go run ./examples/hedging -percentile 0.9   # copies sooner, and more of them
//	go run ./examples/hedging -delay 1ms        # far too soon: the budget refuses most copies, and most stalls remain
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/timeout"
)

// maxDelay is the longest that a call goes without a second copy.
const maxDelay = 50 * time.Millisecond

// hedging returns the pipeline that all this is about, and its hedge.
func hedging(when hedge.Option) (*ductile.ConcurrentPipeline, *hedge.Policy) {
	slow := hedge.New( // one for each dependency: it notes how long answers take, and so knows which calls are slow
		when,                        // slower than 95 % of the others, unless a flag says otherwise
		hedge.MaxDelay(maxDelay),    // or than this: when everything is slow for a while, that is not what slow means from then on
		hedge.Window(5*time.Second), // tuned for a show of eleven seconds: a service would leave it at 30 s
	)
	return ductile.NewConcurrent("inventory", // outermost first
		timeout.New(limit), // the whole call, whatever its copies do
		slow,               // a second copy of a call that is slow; the pipeline's budget keeps copies below a fifth of the calls
	), slow
}

// waiting returns the pipeline of the client that does not hedge.
func waiting() *ductile.ConcurrentPipeline {
	return ductile.NewConcurrent("inventory", timeout.New(limit))
}

// limit is what a call may take. A busy machine is slow, and that should be seen rather than cut off.
const limit = 5 * time.Second

// Get asks for the stock of an article. Calls go to the replicas in turn, and a second copy goes to another one than the first, for what
// makes one slow says nothing of the other. The first answer is the call's. The copy that lost is canceled, which net/http heeds.
func (c *client) Get(ctx context.Context, sku int) (Stock, error) {
	return ductile.DoConcurrent(ctx, c.pipeline, func(ctx context.Context) (Stock, error) { // perhaps twice at once: it writes nothing outside
		_, nth := c.pipeline.Attempt(ctx) // which copy of the call this is, from 1
		return c.ask(ctx, c.pick(sku, nth), sku)
	})
}

func main() {
	var s settings
	flag.IntVar(&s.calls, "calls", 3000, fmt.Sprintf("how many calls each client makes, %d a second", callsPerSecond))
	flag.Float64Var(&s.percentile, "percentile", 0.95, "a call that takes longer than this share of the others has a second copy")
	flag.DurationVar(&s.delay, "delay", 0, "a second copy after this time, in place of a percentile")
	flag.Uint64Var(&s.seed, "seed", 1, "which luck the calls meet at the replicas")
	flag.Parse()
	if err := s.validate(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !compare(s) {
		os.Exit(1)
	}
}

// compare runs both clients, shows what happened, and reports whether no promise was broken.
func compare(s settings) bool {
	pipeline, slow := hedging(s.when())
	clients := []*client{
		{pipeline: waiting(), replicas: serve(s.seed), http: newClient()},
		{pipeline: pipeline, replicas: serve(s.seed), http: newClient()},
	}
	defer stop(clients)
	introduce(os.Stdout, pipeline)
	r := run(s, clients, slow)
	table(os.Stdout, r)
	plot(os.Stdout, r.waiting.took, r.hedging.took, r.delays.quantile(500))
	tell(os.Stdout, s, r)
	return promises(os.Stdout, r)
}
