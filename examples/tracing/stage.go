package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
)

// A stage is where the calls take place: both programs' providers, and the journal of their spans.
type stage struct {
	journal   *journal
	shop      providers
	inventory providers
}

func newStage(ctx context.Context) (s stage, err error) {
	s.journal = new(journal)
	if s.shop, err = newProviders(ctx, "shop", s.journal); err == nil {
		s.inventory, err = newProviders(ctx, "inventory", s.journal)
	}
	return s, err
}

// actors returns the inventory with its handler, and what makes a shop that reaches it there.
func (s stage) actors() (*inventory, http.Handler, func(url string, base http.RoundTripper) *shop) {
	i, handler := newInventory(s.inventory)
	return i, handler, func(url string, base http.RoundTripper) *shop { return newShop(url, base, s.shop) }
}

// close sends what is left to where the environment says, and prints where that is.
func (s stage) close(ctx context.Context, w io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, deliver)
	defer cancel()
	if err := cmp.Or(s.shop.close(ctx), s.inventory.close(ctx)); err != nil { // both have the same endpoint, and the same error
		return err
	}
	sent := false
	for _, signal := range []string{traces, metrics} {
		if where := endpoint(signal); where != "" {
			fmt.Fprintf(w, "Sent by OTLP over HTTP: %s to %s\n", signal, where)
			sent = true
		}
	}
	if !sent {
		fmt.Fprintln(w, "Where OTEL_EXPORTER_OTLP_ENDPOINT is set, all this is sent there, too.")
	}
	return nil
}
