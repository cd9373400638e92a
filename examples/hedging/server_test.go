package main

import (
	"math"
	"slices"
	"testing"
)

func TestReplicasTake(t *testing.T) {
	const requests = 20_000
	for number := range replicas {
		r := replica{number: number, seed: 1}
		var answers latencies
		stalled := 0
		for sku := range requests {
			took := r.takes(sku)
			if took != r.takes(sku) {
				t.Fatalf("replica %d takes one time and another for the same request", number)
			}
			switch {
			case took > longStall:
				t.Errorf("replica %d takes %v for request %d", number, took, sku)
			case took >= shortStall:
				stalled++
			default:
				answers = append(answers, took)
			}
		}
		want := 0.0
		if number == replicas-1 {
			want = stalls
		}
		if share := float64(stalled) / requests; math.Abs(share-want) > 0.01 {
			t.Errorf("replica %d stalls on %v of its requests, not on %v", number, share, want)
		}
		slices.Sort(answers)
		if median := answers.quantile(500); median < typical*95/100 || median > typical*105/100 {
			t.Errorf("replica %d answers in %v, not in %v", number, median, typical)
		}
		if p95 := answers.quantile(950); p95 < 2*typical || p95 > 3*typical {
			t.Errorf("replica %d answers one request in twenty in more than %v: that is not twice the median, or a bit more", number, p95)
		}
	}
}

func TestReplicasAreIndependent(t *testing.T) {
	a, b := replica{number: 0, seed: 1}, replica{number: 1, seed: 1}
	other := replica{number: 0, seed: 2}
	bothSlow, same := 0, 0
	const requests = 20_000
	for sku := range requests {
		if a.takes(sku) > 2*typical && b.takes(sku) > 2*typical {
			bothSlow++
		}
		if a.takes(sku) == other.takes(sku) {
			same++
		}
	}
	// One request in twelve takes more than twice the median at each, so that one in 150 does at both.
	if share := float64(bothSlow) / requests; share < 0.004 || share > 0.010 {
		t.Errorf("%v of the requests are slow at two replicas", share)
	}
	if same > 0 {
		t.Errorf("%d requests have the same luck with another seed", same)
	}
}
