package main

import (
	"testing"
	"time"
)

// upTo returns the latencies 1 ms, 2 ms, and so on.
func upTo(n int) (l latencies) {
	for i := range n {
		l = append(l, time.Duration(i+1)*time.Millisecond)
	}
	return l
}

func TestQuantile(t *testing.T) {
	tests := []struct {
		of          latencies
		thousandths int
		want        time.Duration
	}{
		{nil, 500, 0},
		{upTo(1), 0, 1 * time.Millisecond},
		{upTo(1), 1000, 1 * time.Millisecond},
		{upTo(2), 500, 1 * time.Millisecond},
		{upTo(3), 500, 2 * time.Millisecond},
		{upTo(1000), 0, 1 * time.Millisecond},
		{upTo(1000), 500, 500 * time.Millisecond},
		{upTo(1000), 990, 990 * time.Millisecond},
		{upTo(1001), 990, 991 * time.Millisecond},
		{upTo(1000), 999, 999 * time.Millisecond},
		{upTo(1000), 1000, 1000 * time.Millisecond},
		{upTo(100), 999, 100 * time.Millisecond},
	}
	for _, tt := range tests {
		if got := tt.of.quantile(tt.thousandths); got != tt.want {
			t.Errorf("the quantile %d of %d is %v, not %v", tt.thousandths, len(tt.of), got, tt.want)
		}
	}
}

func TestSlower(t *testing.T) {
	tests := []struct {
		of   latencies
		than time.Duration
		want float64
	}{
		{nil, 0, 0},
		{upTo(4), 0, 1},
		{upTo(4), 1 * time.Millisecond, 0.75}, // one that took as long did not take longer
		{upTo(4), 1*time.Millisecond - 1, 1},
		{upTo(4), 3500 * time.Microsecond, 0.25},
		{upTo(4), 4 * time.Millisecond, 0},
		{latencies{2, 2, 2, 3}, 2, 0.25},
	}
	for _, tt := range tests {
		if got := tt.of.slower(tt.than); got != tt.want {
			t.Errorf("of %v the share slower than %v is %v, not %v", tt.of, tt.than, got, tt.want)
		}
	}
}

func TestMilliseconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                       "0.0 ms",
		1250 * time.Microsecond: "1.2 ms",
		9949 * time.Microsecond: "9.9 ms",
		9950 * time.Microsecond: "10 ms", // not "9.9" or "10.0"
		10 * time.Millisecond:   "10 ms",
		1500 * time.Millisecond: "1500 ms",
	} {
		if got := ms(d); got != want {
			t.Errorf("%v is printed as %q, not %q", d, got, want)
		}
	}
}
