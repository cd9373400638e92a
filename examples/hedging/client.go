package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/ductile-go/ductile"
)

// Stock is what the clients ask for.
type Stock struct {
	SKU     int `json:"sku"`
	Count   int `json:"count"`
	Replica int `json:"replica"` // who says so
}

// A client asks for the stock of articles. Any replica knows it, and asking changes nothing: such a call may be made twice at once.
type client struct {
	pipeline *ductile.ConcurrentPipeline
	replicas []*replica
	http     *http.Client
}

// pick returns the replica for a copy of a call.
func (c *client) pick(sku, nth int) *replica { return c.replicas[(sku+nth-1)%len(c.replicas)] }

// ask makes one request. It reads the body before it returns, because the context ends with the call, and so there is nothing to close in a
// copy that loses. To return an *http.Response instead, see ductile.Retain and ductile.Discard.
func (c *client) ask(ctx context.Context, r *replica, sku int) (s Stock, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL+"/stock/"+strconv.Itoa(sku), http.NoBody)
	if err != nil {
		return s, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return s, fmt.Errorf("inventory: %s", resp.Status)
	}
	err = json.NewDecoder(resp.Body).Decode(&s)
	return s, err
}

// call makes a call of the load, and reports whether its second copy answered.
func (c *client) call(sku int) (second bool, err error) {
	stock, err := c.Get(context.Background(), sku)
	if err == nil && stock.SKU != sku {
		err = fmt.Errorf("asked for %d and was told of %d", sku, stock.SKU)
	}
	return err == nil && stock.Replica != c.pick(sku, 1).number, err
}

// stalls reports whether the first copy of a call meets a stall.
func (c *client) stalls(sku int) bool { return c.pick(sku, 1).takes(sku) >= shortStall }

// reached returns how many requests of the client its replicas have seen.
func (c *client) reached() (n int64) {
	for _, r := range c.replicas {
		n += r.reached.Load()
	}
	return n
}

// newClient returns an HTTP client that keeps as many connections as the load needs.
func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 100
	return &http.Client{Transport: transport}
}
