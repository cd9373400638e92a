package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/sony/gobreaker/v2"
	zero "github.com/zeromicro/go-zero/core/breaker"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/keyed"
)

// mostZero is how many keys go-zero gets, which never lets one go.
const mostZero = 1000

// A keys is those that calls are for, one after the other, in an order that jumps about.
type keys struct {
	names []string
	next  int
}

// newKeys returns so many keys.
func newKeys(size int) *keys {
	k := &keys{names: make([]string, size)}
	for i := range k.names {
		k.names[i] = fmt.Sprintf("tenant-%06d", i)
	}
	return k
}

// copied returns the keys as another caller goes through them.
func (k *keys) copied() keys { return *k }

// key returns the next one. The step has no factor in common with a power of ten, so that all have their turn where there are so many.
func (k *keys) key() string {
	k.next = (k.next + 1_618_033) % len(k.names)
	return k.names[k.next]
}

// keyedCalls makes calls through a pipeline of a breaker for each key.
func keyedCalls(size int) Caller {
	var breakers []*breaker.Breaker
	pipelines := keyed.New(func(string) *ductile.Pipeline {
		b := newBreaker()
		breakers = append(breakers, b)
		return ductile.New("stock", b)
	}, keyed.Max(size))
	all := newKeys(size)
	for _, name := range all.names {
		pipelines.Get(name)
	}
	return Caller{
		Calls: func(n int) error {
			ctx, sum, k := context.Background(), 0, all.copied()
			for i := range n {
				stock, err := ductile.Do(ctx, pipelines.Get(k.key()), func(context.Context) (Stock, error) {
					return Stock{SKU: "4711", Left: i}, nil
				})
				if err != nil {
					return err
				}
				sum += stock.Left
			}
			return wantSum(n, sum)
		},
		Check: func(n int) error {
			var counted uint64
			for _, b := range breakers {
				counted += b.Snapshot().Counts.Calls
			}
			s := pipelines.Snapshot()
			return errors.Join(want("calls", n, counted), want("pipelines", size, s.Made), want("keys without room", 0, s.Crowded))
		},
	}
}

// gobreakerKeyed keeps a breaker for each key in a map.
func gobreakerKeyed(size int) Caller {
	var breakers sync.Map
	all := newKeys(size)
	for _, name := range all.names {
		breakers.Store(name, newGobreaker())
	}
	return Caller{
		Calls: func(n int) error {
			sum, k := 0, all.copied()
			for i := range n {
				b, err := find[*gobreaker.CircuitBreaker[Stock]](&breakers, k.key())
				if err != nil {
					return err
				}
				stock, err := b.Execute(func() (Stock, error) {
					return Stock{SKU: "4711", Left: i}, nil
				})
				if err != nil {
					return err
				}
				sum += stock.Left
			}
			return wantSum(n, sum)
		},
		Check: func(n int) error {
			var counted uint64
			for _, b := range breakers.Range {
				if b, ok := b.(*gobreaker.CircuitBreaker[Stock]); ok {
					counted += uint64(b.Counts().TotalSuccesses)
				}
			}
			return want("calls", n, counted)
		},
	}
}

// failsafeKeyed keeps an executor for each key in a map.
func failsafeKeyed(size int) Caller {
	var executors sync.Map
	var breakers []circuitbreaker.CircuitBreaker[Stock]
	all := newKeys(size)
	for _, name := range all.names {
		b := newFailsafeBreaker()
		breakers = append(breakers, b)
		executors.Store(name, failsafe.With[Stock](b))
	}
	return Caller{
		Calls: func(n int) error {
			sum, k := 0, all.copied()
			for i := range n {
				e, err := find[failsafe.Executor[Stock]](&executors, k.key())
				if err != nil {
					return err
				}
				stock, err := e.Get(func() (Stock, error) {
					return Stock{SKU: "4711", Left: i}, nil
				})
				if err != nil {
					return err
				}
				sum += stock.Left
			}
			return wantSum(n, sum)
		},
		Check: func(n int) error {
			var counted uint64
			for _, b := range breakers {
				counted += uint64(b.Metrics().Successes())
			}
			return want("calls", n, counted)
		},
	}
}

// find returns what a map has for a key.
func find[V any](in *sync.Map, key string) (V, error) {
	found, _ := in.Load(key)
	value, ok := found.(V)
	if !ok {
		return value, fmt.Errorf("nothing for %q", key)
	}
	return value, nil
}

// zeroKeyed uses go-zero's own registry, where names are those of the whole process.
func zeroKeyed(size int) Caller {
	Quiet()
	all := newKeys(size)
	for _, name := range all.names {
		zero.GetBreaker(name)
	}
	return Caller{Check: nothing, Calls: func(n int) error {
		ctx, sum, k := context.Background(), 0, all.copied()
		for i := range n {
			var stock Stock
			err := zero.DoCtx(ctx, k.key(), func() error {
				stock = Stock{SKU: "4711", Left: i}
				return nil
			})
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}}
}
