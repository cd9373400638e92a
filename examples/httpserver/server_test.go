package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// ask makes queries at once, and returns when they ended.
func ask(ctx context.Context, t *testing.T, d *database, queries int) (ends latencies) {
	t.Helper()
	began := time.Now()
	var mu sync.Mutex
	var all sync.WaitGroup
	for range queries {
		all.Go(func() {
			err := d.query(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				ends = append(ends, time.Since(began))
			} else if !errors.Is(err, ctx.Err()) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return ends
}

func TestDatabaseServesInTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase()
		for range 2 { // the second time, after a rest
			ends := ask(t.Context(), t, d, 3*connections)
			want := slices.Concat(slices.Repeat(latencies{takes}, connections), slices.Repeat(latencies{2 * takes}, connections),
				slices.Repeat(latencies{3 * takes}, connections))
			if !slices.Equal(ends, want) {
				t.Errorf("the queries ended after %v", ends)
			}
			time.Sleep(time.Second)
		}
		if begun, finished := d.begun.Load(), d.finished.Load(); begun != 6*connections || finished != begun {
			t.Errorf("%d queries begun, %d finished", begun, finished)
		}
	})
}

func TestDatabaseIsFreeWhenCallersLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDatabase()
		ctx, cancel := context.WithTimeout(t.Context(), takes/2)
		defer cancel()
		if ends := ask(ctx, t, d, 100); len(ends) > 0 {
			t.Errorf("%d queries ended for callers who had left", len(ends))
		}
		if begun, finished := d.begun.Load(), d.finished.Load(); begun < connections || begun > 2*connections || finished > 0 {
			t.Errorf("%d queries begun, %d finished", begun, finished)
		}
		if ends := ask(t.Context(), t, d, connections); !slices.Equal(ends, slices.Repeat(latencies{takes}, connections)) {
			t.Errorf("afterwards queries ended after %v", ends)
		}
	})
}

// What was asked before a connection came free begins when it came free, and what was asked later when it was asked.
func TestDatabaseDoesNotSlowDownWithThisMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, c := newDatabase(), new(connection)
		for _, tt := range []struct{ free, asked, noticed, want time.Duration }{
			{free: 0, asked: 0, noticed: 0, want: takes},
			{free: 0, asked: 0, noticed: takes / 2, want: takes},
			{free: 0, asked: takes / 2, noticed: takes, want: takes * 3 / 2},
			{free: takes, asked: 0, noticed: takes, want: 2 * takes},
			{free: 0, asked: 0, noticed: 2 * takes, want: 2 * takes},
		} {
			time.Sleep(time.Hour)
			began := time.Now()
			c.free = began.Add(tt.free)
			time.Sleep(tt.noticed)
			if err := d.run(t.Context(), c, began.Add(tt.asked)); err != nil {
				t.Error(err)
			}
			if got := time.Since(began); got != tt.want {
				t.Errorf("%+v: the query ended after %v", tt, got)
			}
		}
	})
}

func TestShopCountsWhoIsInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		for _, customers := range []int{3, 20, 5} {
			var all sync.WaitGroup
			for range customers {
				all.Go(func() {
					w := httptest.NewRecorder()
					s.ServeHTTP(w, request(t))
					if w.Code != http.StatusOK || w.Body.Len() == 0 {
						t.Errorf("answered with %d, %q", w.Code, w.Body)
					}
				})
			}
			all.Wait()
		}
		if inside, most := s.inside.Load(), s.most.Load(); inside != 0 || most != 20 {
			t.Errorf("%d are inside, and %d were", inside, most)
		}
	})
}

func request(t *testing.T) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/checkout", http.NoBody)
}

// The handler that is shown: what is above the limit is refused at once, and told when to come back; what is late is ended.
func TestProtectedHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 10 * connections // more than can be served in time
		handler, _ := protect(newShop(), limit)
		began := time.Now()
		var mu sync.Mutex
		ends := map[time.Duration]int{}
		var all sync.WaitGroup
		for range limit + 5 {
			all.Go(func() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, request(t))
				took := time.Since(began)
				mu.Lock()
				defer mu.Unlock()
				ends[took]++
				served := took > 0 && took < patience
				if served != (w.Code == http.StatusOK) || served == (w.Code == http.StatusServiceUnavailable) || served == (w.Header().Get("Retry-After") == "1") {
					t.Errorf("after %v: %d, %v", took, w.Code, w.Header())
				}
			})
		}
		all.Wait()
		inTime := int((patience - 1) / takes)
		if ends[0] != 5 || ends[patience] != limit-inTime*connections || len(ends) != inTime+2 {
			t.Errorf("requests ended after %v", ends)
		}
	})
}

func TestPresetIsServedInTime(t *testing.T) {
	if longest := (results{limit: preset}).longest(); longest != 2*takes || longest > patience/2 {
		t.Errorf("with the limit that is preset a request may take %v", longest)
	}
	for limit, want := range map[int]time.Duration{1: takes, connections: takes, connections + 1: 2 * takes, 10 * connections: 10 * takes} {
		if got := (results{limit: limit}).longest(); got != want {
			t.Errorf("with a limit of %d the last has its answer after %v, not %v", limit, got, want)
		}
	}
}
