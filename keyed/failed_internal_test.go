package keyed

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
)

// Whoever has waited for a pipeline that could not be built gets none.
func TestWhoWaitedForNothing(t *testing.T) {
	s := New(func(string) *ductile.Pipeline { panic("mistake") })
	m := s.member("a")
	m.failed = true // as the first who asked left it
	_, ok := s.pipeline(m)
	assert.False(t, ok)
}
