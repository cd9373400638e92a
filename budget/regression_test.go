package budget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
)

// A call that waited for longer than the window gave its withdrawal back at the end, though that had left the window by then: it freed
// somebody else's, and 20 repeats ran in 10 s where 10 are allowed.
func TestRegressionALateRefundIsNoGift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(0)) // ten in 10 s
		assert.Equal(t, 10, drain(b))
		time.Sleep(19 * time.Second)
		assert.Equal(t, 10, drain(b))
		time.Sleep(time.Second)
		for range 10 {
			b.Refund(20 * time.Second)
		}
		assert.Zero(t, drain(b))
		b.Refund(time.Second)
		assert.Equal(t, 1, drain(b), "one of the window is")
	})
}
