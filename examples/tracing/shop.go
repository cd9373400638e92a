package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// Stock is what the shop wants to know.
type Stock struct {
	Umbrellas int  `json:"umbrellas"`
	Old       bool `json:"-"` // not from the inventory
}

// A shop asks the inventory.
type shop struct {
	url      string
	pipeline *ductile.ConcurrentPipeline
	http     *http.Client
}

// Stock returns how many umbrellas there are.
func (s *shop) Stock(ctx context.Context) (Stock, error) {
	return ductile.DoConcurrent(ctx, s.pipeline, s.ask)
}

// ask makes one request. Its context is that of the attempt, and so the request's span is below the attempt's.
func (s *shop) ask(ctx context.Context) (stock Stock, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/stock", http.NoBody)
	if err != nil {
		return stock, fault.Permanent(err)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return stock, err
	}
	defer resp.Body.Close() // which ends the request's span, too
	switch resp.StatusCode {
	case http.StatusOK:
		err = json.NewDecoder(resp.Body).Decode(&stock)
		return stock, err
	case http.StatusServiceUnavailable:
		return stock, fault.Overload(fmt.Errorf("inventory: %s", resp.Status), 0)
	default:
		return stock, fmt.Errorf("inventory: %s", resp.Status)
	}
}
