// Httpclient shows what two lines do for a program that has an http.Client: two clients send the same requests to three hosts, at the same
// steady rate, while one host after the other has a bad time. One client is bare, the other is the same with
//
//	pipelines := keyed.New(func(string) *ductile.Pipeline { return standard.Client("shop") })
//	client.Transport = ductilehttp.NewKeyedTransport(client.Transport, pipelines)
//
// It takes eleven seconds, and exits non-zero if the protected client does not keep what it promises.
//
//	go run ./examples/httpclient
//	go run ./examples/httpclient -keys     # orders have an Idempotency-Key: they are repeated, too, and still placed once
//	go run ./examples/httpclient -shared   # one pipeline for all hosts: the outage of one is that of all
//	go run ./examples/httpclient -seed 2   # other requests meet the same faults
package main

import (
	"flag"
	"net/http"
	"os"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/standard"
)

// protect puts a pipeline for each host into a client. All else stays as it is: the client's transport, which is now the base, its Timeout,
// and the code that uses it.
func protect(client *http.Client, watch func(host string, t breaker.Transition)) {
	pipelines := keyed.New(func(host string) *ductile.Pipeline {
		return pipeline(func(t breaker.Transition) { watch(host, t) })
	})
	client.Transport = ductilehttp.NewKeyedTransport(client.Transport, pipelines)
}

// protectAll is what not to do to a client that talks to several hosts: it gives them one pipeline.
func protectAll(client *http.Client, watch func(host string, t breaker.Transition)) {
	shared := pipeline(func(t breaker.Transition) { watch("all", t) })
	client.Transport = ductilehttp.NewTransport(client.Transport, shared)
}

// pipeline returns that of a host. It is tuned for a show of eleven seconds: a service would begin with standard.Client("shop").
func pipeline(watch func(breaker.Transition)) *ductile.Pipeline {
	return standard.Client("shop",
		standard.Attempt(attempt), // a request that hangs is given up then, and made again
		standard.Breaker(
			breaker.Window(time.Second),            // forget soon, and so open soon
			breaker.OpenTime(500*time.Millisecond), // ask soon whether the host is back
			breaker.OpenTimeGrowth(2, time.Second),
			breaker.OnTransition(watch)))
}

const (
	timeout = 2 * time.Second        // of both clients: all that programs commonly set
	attempt = 300 * time.Millisecond // of the protected one, for each attempt
)

func main() {
	var s settings
	flag.BoolVar(&s.keys, "keys", false, "send orders with an Idempotency-Key, so that they may be repeated")
	flag.BoolVar(&s.shared, "shared", false, "give the protected client one pipeline for all hosts, which breaks promises")
	flag.Uint64Var(&s.seed, "seed", 1, "which requests meet the faults")
	flag.Parse()
	if !compare(s) {
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	keys   bool
	shared bool
	seed   uint64
}

// compare runs both clients, shows what happened, and reports whether no promise was broken.
func compare(s settings) bool {
	day := badDay()
	bare, protected := newClient(s, day), newClient(s, day)
	defer bare.stop()
	defer protected.stop()

	var seen journal
	if s.shared {
		protectAll(protected.http, seen.write)
	} else {
		protect(protected.http, seen.write)
	}
	return promises(os.Stdout, show(os.Stdout, s, day, bare, protected, &seen))
}
