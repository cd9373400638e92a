package main

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
)

// A fate is what becomes of a request.
type fate int

const (
	fine  fate = iota
	stuck      // no answer for as long as anybody waits
	busy       // 503
)

const (
	takes   = 20 * time.Millisecond // for an answer of any kind
	insides = "db-7 is full: no space left on /var/lib/umbrellas"
)

// statusClientLeft is what a server notes of a request whose client has not waited. It has no name in net/http.
const statusClientLeft = 499

// An inventory is a server that does what the script says.
type inventory struct {
	mu       sync.Mutex
	fates    []fate // of the next requests; the others are fine
	requests int
}

// newInventory returns the inventory, and its handler, which is traced: a request that says whose it is has its span below that one's.
func newInventory(otel providers) (*inventory, http.Handler) {
	i := new(inventory)
	mux := http.NewServeMux()
	mux.Handle("GET /stock", i)
	return i, otelhttp.NewHandler(mux, "",
		otelhttp.WithTracerProvider(otel.tracers), otelhttp.WithMeterProvider(otel.meters), otelhttp.WithPropagators(propagation.TraceContext{}))
}

// ServeHTTP answers, or not.
func (i *inventory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	met := i.meet()
	if met == stuck {
		<-r.Context().Done()
		w.WriteHeader(statusClientLeft) // for the span: nobody else hears of it
		return
	}
	time.Sleep(takes)
	if met == busy {
		http.Error(w, insides, http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintln(w, `{"umbrellas": 12}`)
}

// meet counts a request, and returns its fate.
func (i *inventory) meet() fate {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.requests++
	if len(i.fates) == 0 {
		return fine
	}
	met := i.fates[0]
	i.fates = i.fates[1:]
	return met
}

// plan sets the fates of the next requests.
func (i *inventory) plan(fates []fate) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fates = fates
}

// seen returns how many requests there were.
func (i *inventory) seen() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.requests
}
