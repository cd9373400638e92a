package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
)

// A client makes requests to its hosts. Nothing here knows whether it is protected.
type client struct {
	settings
	http  *http.Client
	hosts []*host // in the order of hostNames
}

// newClient returns an HTTP client as programs have it, and starts its hosts.
func newClient(s settings, day []phase) *client {
	c := &client{settings: s, hosts: newHosts(s.seed, day)}
	addresses := map[string]string{}
	for _, h := range c.hosts {
		h.serve()
		addresses[domain(h.name)+":80"] = h.Listener.Addr().String()
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // it would not know these names
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addresses[address])
	}
	c.http = &http.Client{Transport: transport, Timeout: timeout}
	return c
}

func (c *client) stop() {
	c.http.CloseIdleConnections()
	for _, h := range c.hosts {
		h.Close()
	}
}

// domain returns the name of a host as URLs have it.
func domain(host string) string { return host + ".internal" }

// ask asks a host for an item, or orders it.
func (c *client) ask(ctx context.Context, host string, number int) error {
	request, err := c.request(ctx, host, number)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", host, answer.Status)
	}
	var got item
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		return err
	}
	if got.Number != number {
		return fmt.Errorf("%s: asked for %d and was told of %d", host, number, got.Number)
	}
	return nil
}

func (c *client) request(ctx context.Context, host string, number int) (*http.Request, error) {
	url := "http://" + domain(host) + "/"
	if host != orders {
		return http.NewRequestWithContext(ctx, http.MethodGet, url+strconv.Itoa(number), http.NoBody)
	}
	body, err := json.Marshal(item{number})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err == nil && c.keys {
		request.Header.Set("Idempotency-Key", fmt.Sprintf(`"order-%d"`, number))
	}
	return request, err
}
