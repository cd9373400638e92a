package benchmarks

import (
	"context"
	"errors"

	"golang.org/x/sync/semaphore"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
)

// A guard makes calls that a bulkhead of ours governs.
type guard struct {
	bulkhead *bulkhead.Bulkhead
	calls    func(int) error
	refused  int // by check
}

// guarded makes calls through a pipeline of a bulkhead.
func guarded() Caller {
	h := bulkhead.New(permits())
	g := &guard{bulkhead: h, calls: calls(ductile.New("stock", h))}
	return Caller{Calls: g.calls, Check: g.check}
}

// guardedByHand takes a permit for each call and gives it back, and that is all there is to the call.
func guardedByHand() Caller {
	h := bulkhead.New(permits())
	g := &guard{bulkhead: h, calls: func(n int) error {
		ctx := context.Background()
		for range n {
			token, err := h.Acquire(ctx)
			if err != nil {
				return err
			}
			h.Release(token, nil)
		}
		return nil
	}}
	return Caller{Calls: g.calls, Check: g.check}
}

// check fails where a permit has not come back, where a call was refused or waited, and where one is made without a permit. The
// bulkhead counts no calls that find one.
func (g *guard) check(int) error {
	s := g.bulkhead.Snapshot()
	return errors.Join(want("permits out", 0, s.InFlight), want("waits", 0, s.Waits), want("refusals", g.refused, s.Rejected), g.full())
}

// full takes all permits and fails where a call is made all the same.
func (g *guard) full() error {
	tokens := make([]uint64, permits())
	for i := range tokens {
		token, err := g.bulkhead.Acquire(context.Background())
		if err != nil {
			return err
		}
		tokens[i] = token
	}
	err := g.calls(1)
	for _, token := range tokens {
		g.bulkhead.Release(token, nil)
	}
	g.refused++
	if !errors.Is(err, bulkhead.ErrFull) {
		return errors.Join(errors.New("a full bulkhead did not refuse a call"), err)
	}
	return nil
}

// semaphored takes a permit of a semaphore for what the function of a call does.
func semaphored() Caller {
	s := semaphore.NewWeighted(int64(permits()))
	return Caller{
		Calls: func(n int) error {
			ctx, sum := context.Background(), 0
			for i := range n {
				if err := s.Acquire(ctx, 1); err != nil {
					return err
				}
				stock := Stock{SKU: "4711", Left: i}
				s.Release(1)
				sum += stock.Left
			}
			return wantSum(n, sum)
		},
		Check: whole(s),
	}
}

// semaphoredByHand is guardedByHand.
func semaphoredByHand() Caller {
	s := semaphore.NewWeighted(int64(permits()))
	return Caller{
		Calls: func(n int) error {
			ctx := context.Background()
			for range n {
				if err := s.Acquire(ctx, 1); err != nil {
					return err
				}
				s.Release(1)
			}
			return nil
		},
		Check: whole(s),
	}
}

// whole fails where a semaphore does not have all of its permits. It counts nothing that one could ask for.
func whole(s *semaphore.Weighted) func(int) error {
	return func(int) error {
		all := int64(permits())
		if !s.TryAcquire(all) {
			return errors.New("a permit of the semaphore has not come back")
		}
		s.Release(all)
		return nil
	}
}
