package main

import (
	"testing"
	"time"
)

func TestCopiesGoToDifferentReplicas(t *testing.T) {
	c := client{replicas: []*replica{{number: 0}, {number: 1}, {number: 2}}}
	first := map[int]int{}
	for sku := range 30 {
		first[c.pick(sku, 1).number]++
		if c.pick(sku, 1) == c.pick(sku, 2) {
			t.Errorf("both copies of call %d go to the same replica", sku)
		}
	}
	for number := range c.replicas {
		if first[number] != 10 {
			t.Errorf("replica %d gets %d first copies of 30", number, first[number])
		}
	}
}

func TestSettings(t *testing.T) {
	tests := []struct {
		settings
		valid bool
	}{
		{settings{calls: 3000, percentile: 0.95}, true},
		{settings{calls: 3000, percentile: 0.95, delay: 20 * time.Millisecond}, true},
		{settings{calls: 1000, percentile: 0.5}, true},
		{settings{calls: 3000, percentile: 1}, false},
		{settings{calls: 3000, percentile: 0.95, delay: -1}, false},
		{settings{calls: 999, percentile: 0.95}, false},
	}
	for _, tt := range tests {
		if err := tt.validate(); (err == nil) != tt.valid {
			t.Errorf("%+v: %v", tt.settings, err)
		}
		if !tt.valid {
			continue
		}
		_, slow := hedging(tt.when())
		if s := slow.Snapshot(); s.Known != (tt.delay != 0) || s.Delay != tt.delay {
			t.Errorf("%+v: the delay is %v, and it is said to be known: %v", tt.settings, s.Delay, s.Known)
		}
	}
}
