//go:build !race

package ductile_test

const raceEnabled = false
