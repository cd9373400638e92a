package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestErlang(t *testing.T) {
	assert.InDelta(t, 0.2146, erlangB(10, 10), 0.00005, "as in tables")
	assert.Subset(t, []string{"each tolerance is less than what one permit more or less would make of it"}, missed(runErlang(quick(t), 1, 0)),
		"with few seeds tolerances are wide")
	assert.Subset(t, missed(runErlang(quick(t), 1, 1)), []string{"ductile: constant, load 10, limit 10"}, "a permit that is not there")
}
