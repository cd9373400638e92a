package retry_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/retry"
)

// Elapsed is about when attempts begin, counted from the beginning of the first: an attempt that would begin at the limit begins too
// late.
func TestElapsed(t *testing.T) {
	for _, row := range []struct {
		name  string
		spent time.Duration // since the call began
		left  time.Duration // until the caller's deadline
		stop  error
	}{
		{"early", 0, noDeadline, nil},
		{"just in time", 4*time.Second - 1, noDeadline, nil},
		{"it would begin at the limit", 4 * time.Second, noDeadline, retry.ErrElapsed},
		{"it would begin after it", 4500 * time.Millisecond, noDeadline, retry.ErrElapsed},
		{"the limit has passed", time.Hour, noDeadline, retry.ErrElapsed},
		{"too late for both: its own limit is said", time.Hour, 0, retry.ErrElapsed},
		{"too late for the caller alone", 0, time.Second, retry.ErrDeadline},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := budget.New()
				p := retry.New(retry.Elapsed(5*time.Second), retry.Constant(time.Second), retry.NoJitter(), retry.Budget(b))
				book := p.Start()
				time.Sleep(row.spent)
				wait, stop := p.Next(book, 1, errDown, row.left)
				if row.stop == nil {
					assert.NoError(t, stop)
					assert.Equal(t, time.Second, wait)
				} else {
					assert.Same(t, row.stop, stop)
					assert.Zero(t, wait)
					assert.Equal(t, int64(10), b.Snapshot().Balance, "a refused retry costs nothing")
				}
			})
		})
	}
}

// Each call has a beginning of its own.
func TestElapsedIsPerCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := retry.New(retry.Elapsed(5*time.Second), retry.Constant(time.Second), retry.NoJitter())
		early := p.Start()
		time.Sleep(time.Minute)
		late := p.Start()
		_, stop := p.Next(early, 1, errDown, noDeadline)
		assert.Same(t, retry.ErrElapsed, stop)
		_, stop = p.Next(late, 1, errDown, noDeadline)
		assert.NoError(t, stop)
	})
}

// A wait as long as there is does not turn over into a short one.
func TestElapsedBesideTheLongestWait(t *testing.T) {
	p := retry.New(retry.Elapsed(noDeadline), retry.Constant(noDeadline), retry.NoJitter())
	_, stop := next(p, 1, errDown)
	assert.Same(t, retry.ErrElapsed, stop)
}
