package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
)

// A shop is what a server serves. Each server has its own, so that neither is a load for the other.
type shop struct {
	database *database
	inside   atomic.Int64 // requests
	most     atomic.Int64 // of them at once
}

func newShop() *shop { return &shop{database: newDatabase()} }

// ServeHTTP places an order, for which it asks the database.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.inside.Add(-1)
	s.noted(s.inside.Add(1))
	if err := s.database.query(r.Context()); err != nil {
		return // nobody waits for the answer any more
	}
	fmt.Fprintln(w, "thank you")
}

func (s *shop) noted(inside int64) {
	for most := s.most.Load(); inside > most && !s.most.CompareAndSwap(most, inside); {
		most = s.most.Load()
	}
}

// A server is a real HTTP server, and the customers' client for it.
type server struct {
	*httptest.Server
	shop   *shop
	client *http.Client
}

// serve starts a server of a shop by a handler, which is the shop's own or one around it. It listens on loopback, on a port of the system's
// choice.
func serve(s *shop, handler http.Handler) *server {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 1000
	return &server{Server: httptest.NewServer(handler), shop: s, client: &http.Client{Transport: transport}}
}

func (s *server) stop() {
	s.client.CloseIdleConnections()
	s.Close()
}
