package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// alone returns a shop and an inventory without a network, whose telemetry nobody looks at.
func alone(t *testing.T) (*shop, *inventory) {
	t.Helper()
	s, err := newStage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	inventory, handler, newShop := s.actors()
	return newShop("http://inventory", direct{handler}), inventory
}

func TestInventoryFollowsTheScript(t *testing.T) {
	nowhere(t)
	synctest.Test(t, func(t *testing.T) {
		shop, inventory := alone(t)
		inventory.plan([]fate{busy, stuck})

		began := time.Now()
		if _, err := shop.ask(t.Context()); fault.Of(err) != fault.ClassOverload || time.Since(began) != takes {
			t.Errorf("busy: %v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := shop.ask(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Minute+takes {
			t.Errorf("stuck: %v after %v", err, time.Since(began))
		}
		if got, err := shop.ask(t.Context()); err != nil || got != (Stock{Umbrellas: 12}) {
			t.Errorf("fine: %+v, %v", got, err)
		}
		if n := inventory.seen(); n != 3 {
			t.Errorf("%d requests instead of 3", n)
		}
	})
}

func TestShopMeetsOthers(t *testing.T) {
	for about, url := range map[string]string{"no such page": "http://inventory/nowhere", "no such address": "http://%zz"} {
		shop := &shop{url: url, http: &http.Client{Transport: direct{http.NotFoundHandler()}}}
		if _, err := shop.ask(t.Context()); err == nil {
			t.Errorf("%s: no error", about)
		}
	}
	broken := &shop{url: "http://inventory", http: &http.Client{Transport: direct{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	})}}}
	if _, err := broken.ask(t.Context()); err == nil {
		t.Error("an empty answer: no error")
	}
}

func TestInventoryHasOnePage(t *testing.T) {
	nowhere(t)
	s, err := newStage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, handler := newInventory(s.inventory)
	for target, want := range map[string]int{"/stock": http.StatusOK, "/": http.StatusNotFound} {
		synctest.Test(t, func(t *testing.T) {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody))
			if w.Code != want {
				t.Errorf("%s: %d", target, w.Code)
			}
		})
	}
}
