package migrating_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"
)

// Stock is what the programs of the guides ask their inventory for.
type Stock struct {
	Count   int
	Unknown bool
}

// warehouse is an inventory that ends its calls by what it is told, the last of which it repeats.
type warehouse struct {
	calls int
	ends  []error
}

func (w *warehouse) Get(ctx context.Context, sku string) (Stock, error) {
	if err := ctx.Err(); err != nil {
		return Stock{}, err
	}
	end := w.ends[min(w.calls, len(w.ends)-1)]
	w.calls++
	if end != nil {
		return Stock{}, end
	}
	return Stock{Count: 3}, nil
}

var (
	errDown     = errors.New("connection refused")
	errNotFound = errors.New("no such item")
	ctx         = context.Background()
	sku         = "ductile tape"
)

// down is an inventory that refuses connections, and recovering one that does so twice.
func down() *warehouse       { return &warehouse{ends: []error{errDown}} }
func recovering() *warehouse { return &warehouse{ends: []error{errDown, errDown, nil}} }

// A shop is a server that answers with these statuses, the last of which it repeats, and keeps what it was asked.
type shop struct {
	*httptest.Server
	requests []string
}

func open(statuses ...int) *shop {
	s := new(shop)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := statuses[min(len(s.requests), len(statuses)-1)]
		s.requests = append(s.requests, r.Method+r.Header.Get("X-Signed"))
		w.WriteHeader(status)
		fmt.Fprintf(w, "answer %d", len(s.requests))
	}))
	return s
}

// ask sends a request without a body, and returns the answer.
func ask(ctx context.Context, client *http.Client, method, url string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// short is a wait that examples can afford.
const short = time.Millisecond
