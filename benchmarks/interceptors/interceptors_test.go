package main

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if code, is := interceptors().Child(); is {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// What docs/interceptors.md says is so.
func TestTable(t *testing.T) { interceptors().Holds(t, "../../docs/interceptors.md") }
