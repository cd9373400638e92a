package safemode_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/safemode"
	"github.com/ductile-go/ductile/timeout"
)

// A safe mode adds no time to the worst case of a pipeline, and holds no permit.
func TestWorst(t *testing.T) {
	mode := safemode.New()
	for _, gate := range []ductile.Policy{mode, mode.For(safemode.Degraded)} {
		plan := ductile.New("p", gate, timeout.New(time.Second)).Plan()
		assert.Equal(t, time.Second, plan.Latency)
		assert.True(t, plan.Layers[0].Known)
		assert.Empty(t, plan.Warnings)
	}
}
