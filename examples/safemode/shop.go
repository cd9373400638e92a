package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/safemode"
)

// A shop has three services, each with a real HTTP server of its own, and a database for all of them.
type shop struct {
	pipelines
	mode     *safemode.Mode // nil without
	database *database
	services map[string]*service
	client   *http.Client
}

// open opens a shop. Without a mode it has none.
func open(n network, mode *safemode.Mode) (*shop, error) {
	s := &shop{mode: mode, database: newDatabase(), services: map[string]*service{}, pipelines: withoutMode()}
	if mode != nil {
		s.pipelines = withMode(mode)
	}
	for name, takes := range map[string]time.Duration{recommendations: recommendTakes, prices: priceTakes, orders: orderTakes} {
		service, err := serve(n, name, takes, s.database)
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.services[name] = service
	}
	s.client = &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 2 * perSecond,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			name, _, _ := net.SplitHostPort(address)
			return n.dial(ctx, name)
		},
	}}
	return s, nil
}

func (s *shop) close() (err error) {
	if s.client != nil {
		s.client.CloseIdleConnections()
	}
	for _, service := range s.services {
		err = errors.Join(err, service.stop())
	}
	return err
}

// offer returns what a visitor is recommended.
func (s *shop) offer(ctx context.Context) (string, error) {
	return ductile.Do(ctx, s.recommend, func(ctx context.Context) (string, error) { return s.call(ctx, http.MethodGet, recommendations) })
}

// quote returns a price.
func (s *shop) quote(ctx context.Context) (string, error) {
	return ductile.Do(ctx, s.price, func(ctx context.Context) (string, error) { return s.call(ctx, http.MethodGet, prices) })
}

// order orders.
func (s *shop) order(ctx context.Context) (string, error) {
	return ductile.Do(ctx, s.checkout, func(ctx context.Context) (string, error) { return s.call(ctx, http.MethodPost, orders) })
}

// index is work that is not a call of a visitor's: it goes on rebuilding the search index, which keeps the database busy, and asks each
// time whether it may.
func (s *shop) index(stop <-chan struct{}, built func()) {
	for {
		if s.allows(safemode.Normal) {
			built()
			if err := s.database.query(context.Background(), indexTakes); err != nil {
				return
			}
		}
		select {
		case <-stop:
			return
		case <-time.After(indexPauses):
		}
	}
}

// allows reports whether work may be done. Without a safe mode there is nobody to ask.
func (s *shop) allows(lowest safemode.Level) bool { return s.mode == nil || s.mode.Allows(lowest) }

// call calls a service.
func (s *shop) call(ctx context.Context, method, service string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+service+"/", http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", service, response.Status)
	}
	return string(text), err
}
