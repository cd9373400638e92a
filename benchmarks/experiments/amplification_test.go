package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAmplification(t *testing.T) {
	assert.Empty(t, missed(amplify(quick(t), 1, 0.1)))
	assert.Equal(t, []string{"ductile: budget, depth 1", "ductile: budget, depth 3", "ductile: budget, depth 5"},
		missed(amplify(quick(t), 1, 0.11)), "a budget of a little more")
}
