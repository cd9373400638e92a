package main

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// The services.
const (
	recommendations = "recommendations"
	prices          = "prices"
	orders          = "orders"
)

// A service is an HTTP server that answers when it has asked the database. Nothing here knows whether there is a safe mode.
type service struct {
	http.Server
	name     string
	takes    time.Duration // its query
	database *database
	done     atomic.Int64 // requests, whether or not anybody waited for the answer
	ended    chan error
}

// serve starts a service.
func serve(n network, name string, takes time.Duration, d *database) (*service, error) {
	listener, err := n.listen(name)
	if err != nil {
		return nil, err
	}
	s := &service{name: name, takes: takes, database: d, ended: make(chan error, 1)}
	s.Handler = s
	s.ReadHeaderTimeout = time.Minute
	go func() { s.ended <- s.Serve(listener) }()
	return s, nil
}

// ServeHTTP asks the database.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.database.query(r.Context(), s.takes); err != nil {
		return // nobody waits for the answer any more
	}
	s.done.Add(1)
	fmt.Fprintln(w, "fresh from", s.name)
}

// stop ends a service, and returns why it had ended before, if it had.
func (s *service) stop() error {
	closed := s.Close()
	if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, closed)
	}
	return closed
}
