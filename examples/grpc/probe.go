package main

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/ductile-go/ductile/examples/grpc/shop"
)

const (
	probeEvery    = 50 * time.Millisecond
	probePatience = 250 * time.Millisecond
)

// A probe asks a server for its health, as what decides where calls go does.
type probe struct {
	*client
	health grpc_health_v1.HealthClient

	mu        sync.Mutex
	current   int // act
	last      string
	sightings []sighting
	changed   func(from, to string)
}

// A sighting is what the server said.
type sighting struct {
	act    int
	status string
}

const (
	serving     = "SERVING"
	unreachable = "unreachable"
)

func newProbe(c *client) *probe {
	return &probe{client: c, health: grpc_health_v1.NewHealthClient(c), last: serving, changed: func(string, string) {}}
}

// run asks again and again, until done.
func (p *probe) run(done <-chan struct{}) {
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.ask()
		case <-done:
			return
		}
	}
}

func (p *probe) ask() {
	p.mu.Lock()
	s := sighting{p.current, unreachable}
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), probePatience)
	defer cancel()
	answer, err := p.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: shop.Inventory_ServiceDesc.ServiceName})
	if err == nil {
		s.status = answer.GetStatus().String()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sightings = append(p.sightings, s)
	if s.status != p.last {
		p.changed(p.last, s.status)
		p.last = s.status
	}
}

// begin turns to an act of the day.
func (p *probe) begin(act int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = act
}
