package hedge_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/hedge"
)

func TestWorst(t *testing.T) {
	for name, row := range map[string]struct {
		h                 *hedge.Policy
		copies            int
		shortest, longest time.Duration
	}{
		"defaults": {hedge.New(), 2, time.Millisecond, math.MaxInt64},
		"bounded":  {hedge.New(hedge.Extra(2), hedge.MinDelay(2), hedge.MaxDelay(5)), 3, 2, 5},
		"fixed":    {hedge.New(hedge.After(7), hedge.MinDelay(8)), 2, 7, 7},
		"observes": {hedge.New(hedge.Extra(0)), 1, time.Millisecond, math.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) {
			copies, shortest, longest := row.h.Worst()
			assert.Equal(t, row.copies, copies)
			assert.Equal(t, row.shortest, shortest)
			assert.Equal(t, row.longest, longest)
		})
	}
}
