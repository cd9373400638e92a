package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStandardClientSurvivesAnOutage(t *testing.T) {
	assert.Empty(t, missed(surviveOutage(thinLab(t, 10))))
}

func TestClientsThatDoNotSurviveAnOutage(t *testing.T) {
	for name, wrong := range map[string]struct {
		option standard.Option
		misses []string
	}{
		"no retry":  {standard.Retry(retry.Attempts(1)), []string{"15 % fail: answered"}},
		"no budget": {standard.Retry(retry.Budget(budget.Unlimited())), []string{"dead: attempts per call"}},
		"no breaker": {standard.Breaker(breaker.FailureRate(1), breaker.MinCalls(1<<30), breaker.ConsecutiveFailures(0)), []string{
			"dead: attempts per call",
		}},
		"a jumpy breaker": {standard.Breaker(breaker.FailureRate(0.1)), []string{"15 % fail: answered"}},
		"a long sleep":    {standard.Breaker(breaker.OpenTime(50*time.Second), breaker.OpenTimeGrowth(1, time.Minute)), []string{"back: seconds to recover"}},
		"an early end":    {standard.Attempt(time.Second), []string{"10 % slow: p99 of answers"}},
	} {
		t.Run(name, func(t *testing.T) {
			failed := strings.Join(missed(surviveOutage(thinLab(t, 10), wrong.option)), "\n")
			for _, what := range wrong.misses {
				assert.Contains(t, failed, what)
			}
		})
	}
}

// There are two lines of failsafe-go, for its retry repeats what its own breaker refuses unless it is told not to.
func TestFailsafeRepeatsRefusalsUnlessToldNotTo(t *testing.T) {
	for name, told := range map[string][]error{"as it comes": nil, "refusals end it": {circuitbreaker.ErrOpen}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ask := failsafeAsking(told...)(1, func(context.Context) error { return errFault })
				for range 20 {
					_ = ask(t.Context()) // until it is open
				}
				begin := time.Now()
				require.ErrorIs(t, ask(t.Context()), circuitbreaker.ErrOpen)
				assert.Equal(t, told == nil, time.Since(begin) > 0, "it has waited to try again")
			})
		})
	}
}
