package bulkhead_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
)

// The comparison with golang.org/x/sync/semaphore is in the benchmarks module.

func BenchmarkAlone(b *testing.B) {
	gate := bulkhead.New(64)
	b.ReportAllocs()
	for range b.N {
		token, err := gate.Acquire(always)
		if err != nil {
			b.Fatal(err)
		}
		gate.Release(token, nil)
	}
}

func BenchmarkDo(b *testing.B) {
	p, sum := ductile.New("bench", bulkhead.New(64)), 0
	b.ReportAllocs()
	for n := range b.N {
		v, err := ductile.Do(always, p, func(context.Context) (int, error) { return n, nil })
		if err != nil {
			b.Fatal(err)
		}
		sum += v
	}
}

func BenchmarkRefusal(b *testing.B) {
	gate := bulkhead.New(1)
	fill(b, gate)
	b.ReportAllocs()
	for range b.N {
		if _, err := gate.Acquire(always); err == nil {
			b.Fatal("admitted")
		}
	}
}

// Each of two goroutines makes b.N calls: the time is that of a call of one while the other makes one.
func BenchmarkTwoGoroutines(b *testing.B) {
	for name, gate := range map[string]*bulkhead.Bulkhead{
		"free":     bulkhead.New(64),
		"queueing": bulkhead.New(1, bulkhead.Queue(64, time.Minute)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var ready atomic.Int32
			var done sync.WaitGroup
			for range 2 {
				done.Go(func() {
					for ready.Add(1); ready.Load() < 2; {
						continue
					}
					for range b.N {
						token, err := gate.Acquire(always)
						if err != nil {
							b.Error(err)
							return
						}
						gate.Release(token, nil)
					}
				})
			}
			done.Wait()
		})
	}
}
