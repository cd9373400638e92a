//go:build race

package gobreakeradapter_test

const raceEnabled = true
