package main

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestTail(t *testing.T) {
	right, wrong := new(Findings), new(Findings)
	right.bigTable(quick(t), 2, hedgeDelay)
	wrong.bigTable(quick(t), 1, 15*time.Millisecond)
	for _, what := range []string{"ductile: BigTable, hedge, more requests", "ductile: BigTable, hedge, p50 in ms"} { // a thousandth takes more seeds
		assert.NotContains(t, missed(right), what)
		assert.Contains(t, missed(wrong), what, "a copy that comes late")
	}
}

func TestSlowServers(t *testing.T) {
	right, wrong := new(Findings), new(Findings)
	right.slowServers(quick(t), 4, hedgeDelay)
	wrong.slowServers(quick(t), 1, 2*time.Second)
	assert.NotContains(t, missed(right), "ductile: no hedge, 100 servers, share over 1 s")
	const hedged = "ductile: hedge, 100 servers, share over 1 s"
	assert.NotContains(t, missed(right), hedged)
	assert.Contains(t, missed(wrong), hedged, "a copy that comes too late")
}

// The law of a server's times is such that the formula gives what the source has found.
func TestTailLaw(t *testing.T) {
	assert.InDelta(t, 1800, fanOutQuantile(0.999, false), 1)
	assert.InDelta(t, 74, fanOutQuantile(0.999, true), 0.1)
	assert.InDelta(t, 0.02, longer(10), 0.0001)
	assert.InDelta(t, 0.634, 1-math.Pow(0.99, 100), 0.0001, "the figure, of 100")
	assert.InDelta(t, 0.181, 1-math.Pow(0.9999, 2000), 0.0005, "and of 2,000")
}
