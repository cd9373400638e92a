package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

func TestArrivals(t *testing.T) {
	for i, load := range loads() {
		at := arrivals(load, uint64(i))
		want := load * capacity * (settles + counts).Seconds()
		if n := float64(len(at)); math.Abs(n-want) > 3*math.Sqrt(want) {
			t.Errorf("%v requests at %v times, not about %v", n, load, want)
		}
		if !slices.IsSorted(at) || at[0] < 0 || at[len(at)-1] >= settles+counts {
			t.Errorf("the requests at %v times are from %v to %v", load, at[0], at[len(at)-1])
		}
		if !slices.Equal(at, arrivals(load, uint64(i))) || slices.Equal(at, arrivals(load, uint64(i)+1)) {
			t.Errorf("the requests at %v times are not those of their seed", load)
		}
		even := 0
		for j := range len(at) - 1 {
			if gap := float64(at[j+1]-at[j]) * load * capacity / float64(time.Second); gap > 0.5 && gap < 1.5 {
				even++
			}
		}
		if share := float64(even) / float64(len(at)); share < 0.25 || share > 0.5 { // 0.38 of them
			t.Errorf("%v of the requests at %v times come evenly", share, load)
		}
	}
	if capacity != 200 {
		t.Errorf("the servers can do %v requests a second", capacity)
	}
}

func TestOutcome(t *testing.T) {
	var o outcome
	for _, a := range []answer{
		{took: 3, status: http.StatusOK},
		{took: patience, status: http.StatusOK},
		{took: patience + 1, status: http.StatusOK}, // nobody is there to read it
		{took: 1, status: http.StatusServiceUnavailable, hinted: true},
		{took: 2, status: http.StatusServiceUnavailable},
		{took: 1, err: fmt.Errorf("GET: %w", context.DeadlineExceeded)},
		{took: patience + 1, err: io.EOF}, // whatever it was, it came too late
		{took: 1, err: io.EOF},
		{took: 1, status: http.StatusNotFound},
	} {
		o.add(a)
	}
	if !slices.Equal(o.good, latencies{3, patience}) || !slices.Equal(o.refused, latencies{1, 2}) || o.unhinted != 1 || o.late != 3 || len(o.failed) != 2 {
		t.Errorf("%+v", o)
	}
	if !errors.Is(o.failed[0], io.EOF) || o.failed[1].Error() != "status 404" {
		t.Errorf("failed: %v", o.failed)
	}
	if o.all() != 9 || math.Abs(o.share(o.late)-1.0/3) > 1e-9 || math.Abs(o.goodput()-2/counts.Seconds()) > 1e-9 {
		t.Errorf("%d in all, of which %v are late; %v a second are good", o.all(), o.share(o.late), o.goodput())
	}
	if share := (outcome{}).share(0); share != 0 {
		t.Errorf("of nothing, %v", share)
	}
}

// A customer gets what the server says, over a real connection.
func TestOrder(t *testing.T) {
	asked := 0
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/checkout" {
			http.NotFound(w, r)
			return
		}
		if asked++; asked > 1 {
			busy(w, r, nil)
		}
	}
	s := serve(newShop(), http.HandlerFunc(handler))
	if a := s.order(time.Now().Add(time.Minute)); a.status != http.StatusOK || a.hinted || a.err != nil {
		t.Errorf("%+v", a)
	}
	if a := s.order(time.Now().Add(time.Minute)); a.status != http.StatusServiceUnavailable || !a.hinted || a.err != nil {
		t.Errorf("%+v", a)
	}
	if a := s.order(time.Now().Add(-patience)); a.status != 0 || !errors.Is(a.err, context.DeadlineExceeded) || a.took < patience {
		t.Errorf("%+v", a)
	}
	s.stop()
	if a := s.order(time.Now().Add(time.Minute)); a.status != 0 || a.err == nil {
		t.Errorf("a server that has stopped: %+v", a)
	}
}

func TestBusyAnswer(t *testing.T) {
	w := httptest.NewRecorder()
	busy(w, nil, nil)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
}

func TestQuantile(t *testing.T) {
	thousand := make(latencies, 1000)
	for i := range thousand {
		thousand[len(thousand)-1-i] = time.Duration(i + 1)
	}
	for _, tt := range []struct {
		of         latencies
		hundredths int
		want       time.Duration
	}{
		{nil, 50, 0}, {latencies{7}, 0, 7}, {latencies{7}, 100, 7}, {latencies{2, 1}, 50, 1}, {latencies{3, 1, 2}, 50, 2},
		{thousand, 50, 500}, {thousand, 99, 990}, {thousand, 100, 1000}, {thousand[:150], 99, 999},
	} {
		if got := tt.of.quantile(tt.hundredths); got != tt.want {
			t.Errorf("the quantile %d of %d is %v, not %v", tt.hundredths, len(tt.of), got, tt.want)
		}
	}
	if thousand[0] != 1000 {
		t.Error("what was asked was changed")
	}
	if none, one := latencies(nil).shown(50), (latencies{time.Millisecond}).shown(50); none != "-" || one != "1.0 ms" {
		t.Errorf("%q, %q", none, one)
	}
	for d, want := range map[time.Duration]string{0: "0.0 ms", 9949 * time.Microsecond: "9.9 ms", 9950 * time.Microsecond: "10 ms"} {
		if got := ms(d); got != want {
			t.Errorf("%v is printed as %q, not %q", d, got, want)
		}
	}
}
