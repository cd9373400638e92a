//go:build !race

package ductilegrpctest

const raceEnabled = false
