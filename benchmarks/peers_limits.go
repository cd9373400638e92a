package benchmarks

import (
	"errors"
	"fmt"
	"time"

	eapache "github.com/eapache/go-resiliency/semaphore"
	"github.com/failsafe-go/failsafe-go"
	failsafebulkhead "github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/ratelimiter"
)

// failsafeGuarded makes calls through failsafe-go's bulkhead, which does not wait for a permit, as ours.
func failsafeGuarded() Caller {
	h := failsafebulkhead.New[Stock](uint(permits()))
	return Caller{
		Calls: failsafeCalls(failsafe.With[Stock](h)),
		Check: func(int) error { return want("permits", permits(), free(h)) },
	}
}

// failsafeGuardedByHand is guardedByHand.
func failsafeGuardedByHand() Caller {
	h := failsafebulkhead.New[Stock](uint(permits()))
	return Caller{
		Calls: func(n int) error {
			for range n {
				if !h.TryAcquirePermit() {
					return failsafebulkhead.ErrFull
				}
				h.ReleasePermit()
			}
			return nil
		},
		Check: func(int) error { return want("permits", permits(), free(h)) },
	}
}

// eapacheWait is how long the semaphore of eapache/go-resiliency waits where there is no permit. It cannot but wait.
const eapacheWait = time.Second

// newEapacheSemaphore returns one.
func newEapacheSemaphore() *eapache.Semaphore { return eapache.New(permits(), eapacheWait) }

// eapacheGuarded takes a permit of it for what the function of a call does.
func eapacheGuarded() Caller {
	s := newEapacheSemaphore()
	return Caller{
		Calls: func(n int) error {
			sum := 0
			for i := range n {
				if err := s.Acquire(); err != nil {
					return err
				}
				stock := Stock{SKU: "4711", Left: i}
				s.Release()
				sum += stock.Left
			}
			return wantSum(n, sum)
		},
		Check: unused(s),
	}
}

// eapacheGuardedByHand is guardedByHand.
func eapacheGuardedByHand() Caller {
	s := newEapacheSemaphore()
	return Caller{
		Calls: func(n int) error {
			for range n {
				if err := s.Acquire(); err != nil {
					return err
				}
				s.Release()
			}
			return nil
		},
		Check: unused(s),
	}
}

// unused fails where a semaphore does not have all of its permits. It counts nothing that one could ask for.
func unused(s *eapache.Semaphore) func(int) error {
	return func(int) error {
		if !s.IsEmpty() {
			return errors.New("a permit of the semaphore has not come back")
		}
		return nil
	}
}

// failsafePeriod is for how long failsafe-go's rate limiter has the permits of all calls that are ever measured.
const failsafePeriod = 24 * time.Hour

// failsafeLimited makes calls through failsafe-go's rate limiter. It does not say how many permits are left, so check takes them.
func failsafeLimited() Caller {
	l := ratelimiter.NewBursty[Stock](tokens, failsafePeriod)
	return Caller{Calls: failsafeCalls(failsafe.With[Stock](l)), Check: func(n int) error {
		if !l.TryAcquirePermits(uint(tokens-n)) || l.TryAcquirePermit() {
			return fmt.Errorf("the limiter has not given %d permits", n)
		}
		return nil
	}}
}
