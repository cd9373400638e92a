package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ductile-go/ductile/breaker"
	"github.com/stretchr/testify/assert"
)

func TestOurBreakerIsTruthful(t *testing.T) {
	assert.Empty(t, missed(tellTruth(thinLab(t, 5))))
}

func TestBreakersThatAreNot(t *testing.T) {
	for name, wrong := range map[string]struct {
		option breaker.Option
		misses []string
	}{
		"failures in a row alone": {breaker.NoFailureRate(), []string{
			"5/s, refused", "50/s, a burst", "50/s, seconds to open",
		}},
		"a rate alone":     {breaker.ConsecutiveFailures(0), []string{"0.3/s, runs that open at all", "0.3/s, refused", "0.3/s, failures of a burst"}},
		"a jumpy one":      {breaker.MinCalls(2), []string{"0.3/s, false trips", "0.3/s, seconds to open"}},
		"a short memory":   {breaker.Window(5 * time.Second), []string{"50/s, seconds to open", "50/s, calls that go"}},
		"a stubborn one":   {breaker.OpenTime(50 * time.Second), []string{"0.3/s, refused"}},
		"one that dawdles": {breaker.OpenTimeGrowth(2, time.Minute), []string{"50/s, seconds to recover", "5/s, calls that go"}},
	} {
		t.Run(name, func(t *testing.T) {
			failed := strings.Join(missed(tellTruth(thinLab(t, 20), wrong.option)), "\n")
			for _, what := range wrong.misses {
				assert.Contains(t, failed, what)
			}
		})
	}
}

func TestChanceOfRun(t *testing.T) {
	assert.InDelta(t, 0.125, chanceOfRun(3, 3, 0.5), 1e-12)
	assert.InDelta(t, 3./16, chanceOfRun(4, 3, 0.5), 1e-12) // FFF?, SFFF
	assert.Zero(t, chanceOfRun(4, 5, 0.5))
}

func TestBinomialTail(t *testing.T) {
	assert.InDelta(t, 0.5, binomialTail(3, 2, 0.5), 1e-12)
	assert.InDelta(t, 7.15e-6, binomialTail(20, 10, 0.1), 1e-7) // 1 in 140,000, as docs/tuning.md has it
}

func TestMost(t *testing.T) {
	assert.InDelta(t, 0, most(1e-7), 0)
	assert.InDelta(t, 25, most(8), 3)
}
