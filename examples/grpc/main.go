// Grpc shows what a few lines do for a program that speaks gRPC: two clients make the same calls at the same steady rate, each to a real
// server of its own, and both servers have the same bad day. One pair is bare. The other has
//
//	client := ductilegrpc.NewKeyedClient(keyed.New(clientPipeline)) // one for each method
//	conn, err := grpc.NewClient(target, append(client.DialOptions(), credentials)...)
//
//	server := ductilegrpc.NewKeyedServer(keyed.New(serverPipeline))
//	s := grpc.NewServer(server.ServerOptions()...)
//
// What may be repeated, shop.proto says. It takes eleven seconds, and exits non-zero if the protected pair does not keep what it promises.
//
//	go run ./examples/grpc
//	go run ./examples/grpc -seed 2   # other calls meet the same faults
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

const (
	deadline = 500 * time.Millisecond // of each call, of both clients: all that programs commonly set
	attempt  = 200 * time.Millisecond // of the protected one, for each attempt
	quota    = 80                     // calls a second of each method, of the protected server
)

// protectClient returns what the protected client is dialed with. All else is as for the bare one.
func protectClient(watch func(method string, t breaker.Transition)) []grpc.DialOption {
	pipelines := keyed.New(func(method string) ductile.Composed {
		return clientPipeline(short(method), func(t breaker.Transition) { watch(method, t) })
	})
	return ductilegrpc.NewKeyedClient(pipelines).DialOptions()
}

// clientPipeline returns that of a method. It is tuned for a show of eleven seconds: a service would begin with standard.Client("shop").
func clientPipeline(name string, watch func(breaker.Transition)) *ductile.ConcurrentPipeline {
	return ductile.NewConcurrent(name,
		retry.New(retry.EqualJitter()),              // not too soon: a restart takes its time
		hedge.New(hedge.After(60*time.Millisecond)), // of what changes nothing, a copy where the first is slow
		breaker.New(
			breaker.Name(name+" breaker"),
			breaker.Window(1500*time.Millisecond),  // forget soon, and so open soon
			breaker.OpenTime(250*time.Millisecond), // ask soon whether the server is back
			breaker.OpenTimeGrowth(2, 400*time.Millisecond),
			breaker.OnTransition(watch)),
		timeout.New(attempt))
}

// protectServer returns what the protected server is made with.
func protectServer() []grpc.ServerOption {
	pipelines := keyed.New(serverPipeline)
	return ductilegrpc.NewKeyedServer(pipelines).ServerOptions()
}

// serverPipeline returns that of a method.
func serverPipeline(method string) *ductile.Pipeline {
	return ductile.New(short(method),
		ratelimit.New(quota, quota/4), // who asks for more is told when to come back
		bulkhead.New(2*connections),   // so nobody waits for longer than a query takes
		timeout.New(deadline))
}

func main() {
	seed := flag.Uint64("seed", 1, "which calls meet the faults")
	flag.Parse()
	kept, err := compare(*seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !kept {
		os.Exit(1)
	}
}

// compare has both pairs live through the day, shows what happened, and reports whether no promise was broken.
func compare(seed uint64) (kept bool, err error) {
	day := badDay()
	bare, err := open(newServer(seed, day, new(loopback)), nil)
	if err != nil {
		return false, err
	}
	defer bare.close()

	var seen journal
	protected, err := open(newServer(seed, day, new(loopback), protectServer()...), protectClient(seen.breaker))
	if err != nil {
		return false, err
	}
	defer protected.close()

	r, err := show(os.Stdout, day, bare, protected, &seen)
	if err != nil {
		return false, err
	}
	return promises(os.Stdout, r), nil
}
