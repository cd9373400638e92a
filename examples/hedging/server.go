package main

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"time"
)

// How the replicas answer.
const (
	replicas   = 3
	typical    = 3 * time.Millisecond // the median
	spread     = 0.5                  // of the logarithm: one answer in twenty takes more than twice the median
	stalls     = 0.08                 // the share of the last replica's requests that meet a pause: a collection, a full disk queue
	shortStall = 100 * time.Millisecond
	longStall  = 250 * time.Millisecond
)

// A replica is a real HTTP server, which counts the requests that reach it.
type replica struct {
	*httptest.Server
	number  int
	seed    uint64
	reached atomic.Int64
}

// serve starts the replicas for one client. Each client has its own, so that the copies of one are no load for the other.
func serve(seed uint64) []*replica {
	all := make([]*replica, replicas)
	for i := range all {
		r := &replica{number: i, seed: seed}
		mux := http.NewServeMux()
		mux.HandleFunc("GET /stock/{sku}", r.stock)
		r.Server = httptest.NewServer(mux) // listens on loopback, on a port of the system's choice
		all[i] = r
	}
	return all
}

func stop(clients []*client) {
	for _, c := range clients {
		c.http.CloseIdleConnections()
		for _, r := range c.replicas {
			r.Close()
		}
	}
}

func (r *replica) stock(w http.ResponseWriter, req *http.Request) {
	r.reached.Add(1)
	sku, err := strconv.Atoi(req.PathValue("sku"))
	if err != nil {
		http.NotFound(w, req)
		return
	}
	select {
	case <-time.After(r.takes(sku)):
		_ = json.NewEncoder(w).Encode(Stock{SKU: sku, Count: 42, Replica: r.number})
	case <-req.Context().Done(): // the client has its answer from elsewhere
	}
}

// takes returns how long the replica takes for a request. It is chance, but the same chance in both sets of replicas, so that what differs
// between the clients is not luck. A second copy meets a chance of its own: it goes to another replica.
func (r *replica) takes(sku int) time.Duration {
	luck := rand.New(rand.NewPCG(r.seed, uint64(sku)*replicas+uint64(r.number)))
	if r.number == replicas-1 && luck.Float64() < stalls {
		return shortStall + time.Duration(luck.Float64()*float64(longStall-shortStall))
	}
	return time.Duration(float64(typical) * math.Exp(spread*luck.NormFloat64()))
}
