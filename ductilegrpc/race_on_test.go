//go:build race

package ductilegrpc_test

const raceEnabled = true
