package retry_test

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// Whatever a dependency says, and whatever time is left: nobody comes back before it said, or later than its word or the schedule's and
// the jitter on top; nobody waits beyond the deadline; and the budget pays for exactly what is granted.
func FuzzHint(f *testing.F) {
	f.Add(int64(0), int64(time.Second), int64(30*time.Second), int64(math.MaxInt64), false)
	f.Add(int64(-1), int64(time.Second), int64(0), int64(time.Second), true)
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), false)
	f.Add(int64(math.MaxInt64-1), int64(1), int64(math.MaxInt64), int64(math.MaxInt64), true)
	f.Add(int64(math.MinInt64), int64(0), int64(1), int64(math.MinInt64), false)
	f.Add(int64(30*time.Second), int64(time.Second), int64(30*time.Second), int64(30*time.Second+1), true)

	f.Fuzz(func(t *testing.T, said, plain, longest, left int64, overload bool) {
		hint, wait, limit := max(0, time.Duration(said)), time.Duration(plain), time.Duration(longest)
		if retry.Validate(retry.Constant(wait), retry.MaxHint(limit)) != nil {
			t.Skip()
		}
		var err error = hinted{time.Duration(said)}
		if overload {
			err = fault.Overload(errDown, time.Duration(said))
			if said <= 0 { // such a one says nothing, and is given the overload's base, which is none here
				hint = 0
			}
		}
		for _, jitter := range []retry.Option{retry.NoJitter(), retry.FullJitter()} {
			b := budget.New()
			p := retry.New(retry.Constant(wait), retry.OverloadBase(0), retry.MaxHint(limit), retry.Budget(b), jitter)
			got, stop := p.Next(p.Start(), 1, err, time.Duration(left))
			most := hint + min(wait, math.MaxInt64-hint)

			switch {
			case errors.Is(stop, retry.ErrHint):
				if hint <= limit {
					t.Fatalf("%v is not above %v", hint, limit)
				}
			case errors.Is(stop, retry.ErrDeadline):
				if most < time.Duration(left) {
					t.Fatalf("%v would have been enough for %v at most", time.Duration(left), most)
				}
			case stop != nil:
				t.Fatal(stop)
			case hint > limit:
				t.Fatalf("%v is above %v", hint, limit)
			case got < hint, got > most, got >= time.Duration(left):
				t.Fatalf("hint %v, wait %v, left %v: waits %v", hint, wait, time.Duration(left), got)
			}
			if spent := b.Snapshot().Spent; (stop == nil) != (spent == 1) {
				t.Fatalf("%v, and the budget paid %d", stop, spent)
			}
		}
	})
}

// Whatever a dependency decides, and whatever time is left: the wait is what it said, to the nanosecond, or there is none and the reason is
// true; and the budget pays for exactly what is granted. A hint beside it has no say.
func FuzzPushback(f *testing.F) {
	f.Add(int64(0), int64(time.Hour), int64(0), int64(time.Hour), int64(1))
	f.Add(int64(-1), int64(0), int64(30*time.Second), int64(time.Hour), int64(math.MaxInt64))
	f.Add(int64(math.MinInt64), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MinInt64))
	f.Add(int64(math.MaxInt64), int64(0), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64))
	f.Add(int64(math.MaxInt64), int64(0), int64(math.MaxInt64-1), int64(math.MaxInt64), int64(math.MaxInt64))
	f.Add(int64(math.MaxInt64-1), int64(1), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64))
	f.Add(int64(time.Second), int64(time.Minute), int64(30*time.Second), int64(time.Second), int64(time.Second+1))
	f.Add(int64(time.Second), int64(time.Minute), int64(30*time.Second), int64(time.Second+1), int64(time.Second))

	f.Fuzz(func(t *testing.T, said, hint, longest, within, left int64) {
		options := []retry.Option{retry.MaxHint(time.Duration(longest)), retry.Elapsed(time.Duration(within))}
		if retry.Validate(options...) != nil {
			t.Skip()
		}
		synctest.Test(t, func(t *testing.T) { // so that no time passes between Start and Next
			b := budget.New()
			p := retry.New(append(options, retry.Budget(b))...)
			wait, stop := p.Next(p.Start(), 1, both{hinted{time.Duration(hint)}, pushed{time.Duration(said)}}, time.Duration(left))

			var want error
			switch {
			case said < 0:
				want = retry.ErrPushback
			case said > longest:
				want = retry.ErrHint
			case said >= within:
				want = retry.ErrElapsed
			case said >= left:
				want = retry.ErrDeadline
			}
			if !errors.Is(stop, want) {
				t.Fatalf("want %v, got %v", want, stop)
			}
			if stop == nil && wait != time.Duration(said) || stop != nil && wait != 0 {
				t.Fatalf("told %v, waits %v (%v)", time.Duration(said), wait, stop)
			}
			if spent := b.Snapshot().Spent; (stop == nil) != (spent == 1) {
				t.Fatalf("%v, and the budget paid %d", stop, spent)
			}
		})
	})
}
