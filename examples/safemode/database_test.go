package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// ask makes n queries at once, and returns when they ended.
func ask(ctx context.Context, d *database, n int) (took latencies, errs []error) {
	var mu sync.Mutex
	var queries sync.WaitGroup
	began := time.Now()
	for range n {
		queries.Go(func() {
			err := d.query(ctx, priceTakes)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(began))
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	queries.Wait()
	slices.Sort(took)
	return took, errs
}

// A database does no more than it can, however much is asked of it.
func TestDatabase(t *testing.T) {
	for _, times := range []int64{1, 9} {
		synctest.Test(t, func(t *testing.T) {
			d := newDatabase()
			d.times.Store(times)
			took, errs := ask(t.Context(), d, 3*connections)
			for i, got := range took {
				if want := time.Duration(times) * priceTakes * time.Duration(1+i/connections); got != want {
					t.Errorf("query %d ends after %v, not %v", i, got, want)
				}
			}
			if len(errs) > 0 {
				t.Error(errs)
			}
		})
	}
}

// Who leaves the line keeps nobody waiting. What has begun runs to its end all the same, and was done.
func TestDatabaseOfWhichCallersLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase()
		ctx, cancel := context.WithTimeout(t.Context(), priceTakes/2)
		defer cancel()
		took, errs := ask(ctx, d, 3*connections)
		if len(errs) != 2*connections || !errors.Is(errs[0], context.DeadlineExceeded) {
			t.Errorf("%d queries failed: %v", len(errs), errs)
		}
		if took[2*connections-1] != priceTakes/2 || took[2*connections] != priceTakes || took[len(took)-1] != priceTakes {
			t.Errorf("they ended after %v", took)
		}
		if took, _ := ask(t.Context(), d, 1); took[0] != priceTakes {
			t.Errorf("the next took %v", took[0])
		}
	})
}

// What this machine notices too late takes nothing from what the database can do.
func TestDatabaseOnABusyMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{idle: make(chan *connection, 1)}
		d.times.Store(1)
		d.idle <- &connection{free: time.Now().Add(priceTakes)} // given back before its time: the next waits for that, too
		if took, _ := ask(t.Context(), d, 1); took[0] != 2*priceTakes {
			t.Errorf("a query took %v", took[0])
		}
		time.Sleep(time.Second)
		if took, _ := ask(t.Context(), d, 1); took[0] != priceTakes {
			t.Errorf("after a while it took %v", took[0])
		}
	})
}

// The story is possible: with what is let go the database can do the rest, and without that it cannot.
func TestCapacity(t *testing.T) {
	work := func(each ...time.Duration) (busy float64) {
		for _, d := range each {
			busy += d.Seconds() * perSecond / connections
		}
		return busy
	}
	normal, degraded, safe := work(recommendTakes, priceTakes, orderTakes/oneOrders), work(priceTakes, orderTakes/oneOrders), work(orderTakes/oneOrders)
	for _, a := range day() {
		times := float64(a.times)
		switch a.name {
		case slow:
			if normal*times < 1.3 || degraded*times > 0.8 {
				t.Errorf("%s: %v and %v of what the database can do", a.name, normal*times, degraded*times)
			}
		case slower:
			if degraded*times < 1.3 || safe*times > 0.8 {
				t.Errorf("%s: %v and %v of what the database can do", a.name, degraded*times, safe*times)
			}
		default:
			if normal*times > 0.8 {
				t.Errorf("%s: %v of what the database can do", a.name, normal*times)
			}
		}
	}
}
