//go:build race

package ductilegrpctest

const raceEnabled = true
