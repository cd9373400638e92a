//go:build race

package ductile_test

const raceEnabled = true
