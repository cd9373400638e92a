package safemode_test

import (
	"testing"

	"github.com/ductile-go/ductile/safemode"
)

func BenchmarkMode(b *testing.B) {
	call := func(m *safemode.Mode) func(b *testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if token, err := m.Acquire(always); err == nil {
					m.Release(token, nil)
				}
			}
		}
	}
	b.Run("by hand, normal", call(safemode.New()))
	b.Run("automatic, normal", call(safemode.New(safemode.Automatic())))
	engaged := safemode.New(safemode.Automatic())
	engaged.Engage("test")
	b.Run("refused", call(engaged))
	b.Run("asked", func(b *testing.B) {
		allowed := 0
		for range b.N {
			if engaged.Allows(safemode.Safe) {
				allowed++
			}
		}
	})
}
