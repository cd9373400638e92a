package main

import (
	"context"
	"net"
	"time"

	"google.golang.org/grpc"
)

// A network is where a server is reached. It listens again and again, each time at the same address.
type network interface {
	listen() (net.Listener, error)
	target() (string, grpc.DialOption)
}

// A loopback is TCP on this machine, on a port of the system's choice.
type loopback struct{ address string }

func (l *loopback) listen() (net.Listener, error) {
	if l.address == "" {
		l.address = "127.0.0.1:0"
	}
	var config net.ListenConfig
	for patience := 0; ; patience++ {
		listener, err := config.Listen(context.Background(), "tcp", l.address)
		if err == nil {
			l.address = listener.Addr().String()
			return listener, nil
		}
		if patience == 10 { // somebody else has taken the port meanwhile
			return nil, err
		}
		time.Sleep(takes)
	}
}

func (l *loopback) target() (string, grpc.DialOption) {
	return "passthrough:///" + l.address, grpc.EmptyDialOption{}
}
