package retry_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// Whatever Validate accepts waits between nothing and its limit times the jitter's high, after any attempt: nothing overflows, turns
// over or is missing.
func FuzzSchedule(f *testing.F) {
	f.Add(uint8(0), int64(100*time.Millisecond), 2.0, int64(5*time.Second), 1, uint8(0), 0.2, false)
	f.Add(uint8(0), int64(1), math.MaxFloat64, int64(math.MaxInt64), math.MaxInt-1, uint8(3), 1.0, true)
	f.Add(uint8(0), int64(math.MaxInt64), 1.0, int64(math.MaxInt64), 10_000, uint8(1), 1e-6, false)
	f.Add(uint8(1), int64(0), 0.0, int64(0), 1, uint8(2), 0.5, false)
	f.Add(uint8(2), int64(1), 1e18, int64(math.MaxInt64), math.MaxInt-1, uint8(3), 0.999999, true)
	f.Add(uint8(3), int64(1), 0.0, int64(math.MaxInt64), 50, uint8(0), 0.0, true)
	f.Add(uint8(3), int64(math.MaxInt64), 0.0, int64(math.MaxInt64), 50, uint8(0), 0.0, false)

	f.Fuzz(func(t *testing.T, kind uint8, base int64, factor float64, limit int64, attempt int, jitter uint8, share float64, busy bool) {
		low, high := time.Duration(base), time.Duration(limit)
		var schedule retry.Option
		switch kind % 4 {
		case 0:
			schedule = retry.Exponential(low, factor, high)
		case 1:
			schedule, high = retry.Constant(low), low
		case 2:
			schedule = retry.Linear(low, time.Duration(factor), high)
		default:
			schedule = retry.Decorrelated(low, high)
		}
		spread := []retry.Option{retry.FullJitter(), retry.EqualJitter(), retry.NoJitter(), retry.ProportionalJitter(share)}[jitter%4]
		most := []float64{1, 1, 1, 1 + share}[jitter%4]
		options := []retry.Option{retry.UnlimitedAttempts(), schedule, spread}
		if retry.Validate(options...) != nil {
			t.Skip()
		}
		p, err := retry.New(options...), errDown
		if busy {
			err, high = fault.Overload(errDown, 0), max(high, time.Second) // the default base, which may be above the limit
		}
		if kind%4 == 3 {
			most = 1 // it heeds no jitter
		}
		attempt = max(1, min(attempt, math.MaxInt-1))

		book := p.Start()
		for range 3 { // for the one that remembers
			wait, stop := p.Next(book, attempt, err, math.MaxInt64)
			switch {
			case errors.Is(stop, retry.ErrDeadline): // the longest wait there is, and no shorter one
				if float64(high)*most < math.MaxInt64 {
					t.Fatalf("%v: no time after attempt %d, though there is no deadline", p, attempt)
				}
			case stop != nil:
				t.Fatalf("%v: %v after attempt %d", p, stop, attempt)
			case wait < 0 || float64(wait) > float64(high)*most:
				t.Fatalf("%v: waits %v after attempt %d", p, wait, attempt)
			}
		}
	})
}
