package main

import (
	"errors"

	"google.golang.org/grpc"
)

// A side is a server and who calls it. Each has its own, so that neither is a load for the other.
type side struct {
	*server
	client *client
	crowd  *client // other programs, which are bare
	probe  *probe
}

// open begins to serve, and connects who calls. The options are those that protect the client.
func open(s *server, protect []grpc.DialOption) (*side, error) {
	if err := s.serve(); err != nil {
		return nil, err
	}
	client, err := newClient(s.network, protect...)
	crowd, err2 := newClient(s.network)
	prober, err3 := newClient(s.network)
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	return &side{server: s, client: client, crowd: crowd, probe: newProbe(prober)}, nil
}

func (s *side) close() {
	for _, c := range []*client{s.client, s.crowd, s.probe.client} {
		_ = c.Close() // there is nobody to tell
	}
	s.stop()
}

// begin turns to an act of the day.
func (s *side) begin(act int) {
	s.server.begin(act)
	s.probe.begin(act)
}
