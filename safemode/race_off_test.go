//go:build !race

package safemode_test

const raceEnabled = false
