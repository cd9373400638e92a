package main

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"
)

// A phase is a part of the server's day.
type phase struct {
	name   string
	about  string
	length time.Duration
	errors float64 // the share of requests that is answered with a 500
	slow   float64 // the share that takes two seconds
	dead   bool    // nothing is answered
}

// badDay returns the script that the server follows.
func badDay() []phase {
	const s = time.Second
	return []phase{
		{name: "healthy", about: "all is well", length: 3 * s},
		{name: "15 % errors", about: "some requests fail, as when one replica of seven is broken", length: 3 * s, errors: 0.15},
		{name: "slow tail", about: "some requests take two seconds", length: 3 * s, slow: 0.08},
		{name: "outage", about: "requests are accepted and never answered", length: 2500 * time.Millisecond, dead: true},
		{name: "recovery", about: "all is well again", length: 3500 * time.Millisecond},
	}
}

// server is a real HTTP server that follows a script, and counts the requests that reach it.
type server struct {
	*httptest.Server
	day     []phase
	current atomic.Int32
	reached [2][]atomic.Int64 // by client (0 bare, 1 protected) and phase
}

// clientHeader says which client a request is from.
const clientHeader = "X-Client"

func serve(day []phase) *server {
	s := &server{day: day}
	for i := range s.reached {
		s.reached[i] = make([]atomic.Int64, len(day))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stock/{sku}", s.stock)
	s.Server = httptest.NewServer(mux) // listens on loopback
	return s
}

func (s *server) stock(w http.ResponseWriter, r *http.Request) {
	now := s.current.Load()
	s.reached[index(r.Header.Get(clientHeader))][now].Add(1)
	phase := s.day[now]
	switch dice := rand.Float64(); {
	case phase.dead:
		<-r.Context().Done() // until the client gives up
		return
	case dice < phase.errors:
		http.Error(w, "broken replica", http.StatusInternalServerError)
		return
	case dice < phase.slow:
		select {
		case <-time.After(2 * time.Second):
		case <-r.Context().Done():
			return
		}
	default:
		time.Sleep(time.Duration(1+rand.IntN(4)) * time.Millisecond) // some work
	}
	if r.PathValue("sku") == unknown {
		http.NotFound(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode(Stock{SKU: r.PathValue("sku"), Count: 42})
}

// begin turns to a phase of the day.
func (s *server) begin(phase int) { s.current.Store(int32(phase)) }

func index(client string) int {
	if client == "protected" {
		return 1
	}
	return 0
}

// newClient returns an HTTP client that says who it is.
func newClient(name string) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 1000
	return &http.Client{Transport: signed{name, transport}}
}

type signed struct {
	name string
	next http.RoundTripper
}

func (s signed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(clientHeader, s.name)
	return s.next.RoundTrip(r)
}
