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

// newKeys returns so many keys, once each of them is made known.
func newKeys(size int, known func(name string)) *keys {
	k := &keys{names: make([]string, size)}
	for i := range k.names {
		k.names[i] = fmt.Sprintf("tenant-%06d", i)
	}
	for _, name := range k.names {
		known(name)
	}
	return k
}

// key returns the next one. The step has no factor in common with a power of ten, so that all have their turn where there are so many.
func (k *keys) key() string {
	k.next = (k.next + 1_618_033) % len(k.names)
	return k.names[k.next]
}

// A keeper is what a side keeps for keys: how what is kept for one is found, and how a call goes through that. Calls of both are a price that all
// sides pay.
type keeper[V any] struct {
	find func(key string) (V, error)
	call func(ctx context.Context, kept V, i int) (Stock, error)
}

// calls makes calls for keys. Each goroutine goes through them on its own.
func (k keeper[V]) calls(all *keys) func(int) error {
	return func(n int) error {
		ctx, sum, mine := context.Background(), 0, *all
		for i := range n {
			kept, err := k.find(mine.key())
			if err != nil {
				return err
			}
			stock, err := k.call(ctx, kept, i)
			if err != nil {
				return err
			}
			sum += stock.Left
		}
		return wantSum(n, sum)
	}
}

// keyedCalls makes calls through a pipeline of a breaker for each key.
func keyedCalls(size int) Caller {
	var breakers []*breaker.Breaker
	pipelines := keyed.New(func(string) *ductile.Pipeline {
		b := newBreaker()
		breakers = append(breakers, b)
		return ductile.New("stock", b)
	}, keyed.Max(size))
	all := newKeys(size, func(name string) { pipelines.Get(name) })
	return Caller{
		Calls: keeper[*ductile.Pipeline]{
			func(key string) (*ductile.Pipeline, error) { return pipelines.Get(key), nil },
			func(ctx context.Context, p *ductile.Pipeline, i int) (Stock, error) {
				return ductile.Do(ctx, p, func(context.Context) (Stock, error) { return Stock{SKU: "4711", Left: i}, nil })
			},
		}.calls(all),
		Check: func(n int) error {
			s := pipelines.Snapshot()
			return errors.Join(succeeded(n, breakers, func(b *breaker.Breaker) uint64 { return b.Snapshot().Counts.Calls }),
				want("pipelines", size, s.Made), want("keys without room", 0, s.Crowded))
		},
	}
}

// gobreakerKeyed keeps a breaker for each key in a map.
func gobreakerKeyed(size int) Caller {
	var in sync.Map
	var breakers []*gobreaker.CircuitBreaker[Stock]
	all := newKeys(size, func(name string) {
		b := newGobreaker()
		breakers = append(breakers, b)
		in.Store(name, b)
	})
	return Caller{
		Calls: keeper[*gobreaker.CircuitBreaker[Stock]]{
			mapped[*gobreaker.CircuitBreaker[Stock]](&in),
			func(_ context.Context, b *gobreaker.CircuitBreaker[Stock], i int) (Stock, error) {
				return b.Execute(func() (Stock, error) { return Stock{SKU: "4711", Left: i}, nil })
			},
		}.calls(all),
		Check: func(n int) error {
			return succeeded(n, breakers, func(b *gobreaker.CircuitBreaker[Stock]) uint64 { return uint64(b.Counts().TotalSuccesses) })
		},
	}
}

// failsafeKeyed keeps an executor for each key in a map.
func failsafeKeyed(size int) Caller {
	var in sync.Map
	var breakers []circuitbreaker.CircuitBreaker[Stock]
	all := newKeys(size, func(name string) {
		b := newFailsafeBreaker()
		breakers = append(breakers, b)
		in.Store(name, failsafe.With[Stock](b))
	})
	return Caller{
		Calls: keeper[failsafe.Executor[Stock]]{
			mapped[failsafe.Executor[Stock]](&in),
			func(_ context.Context, e failsafe.Executor[Stock], i int) (Stock, error) {
				return e.Get(func() (Stock, error) { return Stock{SKU: "4711", Left: i}, nil })
			},
		}.calls(all),
		Check: func(n int) error {
			return succeeded(n, breakers, func(b circuitbreaker.CircuitBreaker[Stock]) uint64 { return uint64(b.Metrics().Successes()) })
		},
	}
}

// zeroKeyed uses go-zero's own registry, where names are those of the whole process.
func zeroKeyed(size int) Caller {
	Quiet()
	all := newKeys(size, func(name string) { zero.GetBreaker(name) })
	return Caller{Check: nothing, Calls: keeper[string]{
		func(key string) (string, error) { return key, nil }, // it is found in the call
		func(ctx context.Context, key string, i int) (stock Stock, err error) {
			err = zero.DoCtx(ctx, key, func() error {
				stock = Stock{SKU: "4711", Left: i}
				return nil
			})
			return stock, err
		},
	}.calls(all)}
}

// mapped finds what a map has for a key.
func mapped[V any](in *sync.Map) func(key string) (V, error) {
	return func(key string) (V, error) {
		found, _ := in.Load(key)
		kept, ok := found.(V)
		if !ok {
			return kept, fmt.Errorf("nothing for %q", key)
		}
		return kept, nil
	}
}

// succeeded fails where breakers have not counted n successes in all.
func succeeded[B any](n int, breakers []B, count func(B) uint64) error {
	var all uint64
	for _, b := range breakers {
		all += count(b)
	}
	return want("calls", n, all)
}
