//go:build !race

package ductilehttp_test

const raceEnabled = false
