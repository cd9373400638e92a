package keyed_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/keyed"
)

// To get a pipeline that is there allocates nothing.
func TestCost(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s := keyed.New(guarded)
	s.Get("orders.example.com")
	assert.Zero(t, testing.AllocsPerRun(1000, func() { s.Get("orders.example.com") }))
}

func BenchmarkGet(b *testing.B) {
	s := keyed.New(guarded)
	s.Get("orders.example.com")
	b.Run("serial", func(b *testing.B) {
		for range b.N {
			s.Get("orders.example.com")
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				s.Get("orders.example.com")
			}
		})
	})
}
