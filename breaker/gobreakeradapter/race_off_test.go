//go:build !race

package gobreakeradapter_test

const raceEnabled = false
