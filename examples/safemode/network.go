package main

import (
	"context"
	"net"
	"sync"
)

// A network is where the services of one shop listen and are reached, by their names.
type network interface {
	listen(name string) (net.Listener, error)
	dial(ctx context.Context, name string) (net.Conn, error)
}

// A loopback is TCP on this machine, on ports of the system's choice.
type loopback struct {
	mu        sync.Mutex
	addresses map[string]string
}

func newLoopback() *loopback { return &loopback{addresses: map[string]string{}} }

func (l *loopback) listen(name string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.addresses[name] = listener.Addr().String()
	}
	return listener, err
}

func (l *loopback) dial(ctx context.Context, name string) (net.Conn, error) {
	l.mu.Lock()
	address := l.addresses[name]
	l.mu.Unlock()
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}
