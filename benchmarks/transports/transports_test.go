package main

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if code, is := transports().Child(); is {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// What docs/transports.md says is so.
func TestTable(t *testing.T) { transports().Holds(t, "../../docs/transports.md") }
