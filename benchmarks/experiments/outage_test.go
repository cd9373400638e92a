package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/stretchr/testify/assert"
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
