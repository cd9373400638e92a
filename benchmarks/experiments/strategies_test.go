package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStrategies(t *testing.T) {
	rates := []float64{0.05, 0.5, 1}
	f := compareStrategies(quick(t), 2, 0.1, rates)
	assert.Empty(t, missed(f))
	f = compareStrategies(quick(t), 1, 0.15, rates)
	assert.NotEmpty(t, missed(f), "a budget of half as much again")
	for _, what := range missed(f) {
		assert.Contains(t, what, "budget")
	}
}
