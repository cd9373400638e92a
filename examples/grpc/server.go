package main

import (
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/ductile-go/ductile/examples/grpc/shop"
)

const (
	notice = 4 * tick              // between a server's word that it does not serve any more, and its end
	closed = 60 * time.Millisecond // between its end and the next
)

// A server is a real one, with health checks and reflection as a service has them.
type server struct {
	*inventory
	*gate
	network network
	options []grpc.ServerOption

	health *health.Server
	grpc   *grpc.Server
	ended  chan struct{}
}

// newServer returns a server that is not reached yet. The options are those that protect it.
func newServer(seed uint64, day []act, n network, options ...grpc.ServerOption) *server {
	g := newGate(day)
	around := []grpc.ServerOption{grpc.WaitForHandlers(true), grpc.ChainUnaryInterceptor(g.unary), grpc.ChainStreamInterceptor(g.stream)}
	return &server{inventory: newInventory(seed, day), gate: g, network: n, options: slices.Concat(around, options)}
}

// serve begins to serve.
func (s *server) serve() error {
	listener, err := s.network.listen()
	if err != nil {
		return err
	}
	s.grpc, s.health, s.ended = grpc.NewServer(s.options...), health.NewServer(), make(chan struct{})
	shop.RegisterInventoryServer(s.grpc, s.inventory)
	grpc_health_v1.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc)
	s.health.SetServingStatus(shop.Inventory_ServiceDesc.ServiceName, grpc_health_v1.HealthCheckResponse_SERVING)
	go func() {
		defer close(s.ended)
		_ = s.grpc.Serve(listener) // until it is stopped
	}()
	return nil
}

func (s *server) stop() {
	s.grpc.Stop()
	<-s.ended
}

// restart ends the server, as a deployment does, and serves again. With grace, calls that have begun are ended first.
func (s *server) restart(graceful bool) error {
	s.health.Shutdown()
	time.Sleep(notice)
	if graceful {
		s.grpc.GracefulStop()
	}
	s.stop()
	time.Sleep(closed)
	return s.serve()
}

// begin turns to an act of the day.
func (s *server) begin(act int) {
	s.inventory.begin(act)
	s.gate.begin(act)
}
