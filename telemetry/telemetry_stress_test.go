package telemetry_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/hedge"
)

// Calls with copies, pipelines that come and go, and somebody who collects all the time: nothing is lost, and nothing waits for ever.
func TestStressTelemetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newCounting(t)
		allowance := budget.Unlimited()
		build := func() *ductile.ConcurrentPipeline {
			h := hedge.New(hedge.After(msec), hedge.Budget(allowance))
			return ductile.NewConcurrent("inventory", retries(), h, trips(), bulkhead.New(100)).With(s.Observer)
		}
		shared := build()
		var calls, collecting sync.WaitGroup
		done := make(chan struct{})
		collecting.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(msec):
					var all metricdata.ResourceMetrics
					assert.NoError(t, s.reader.Collect(ctx, &all))
				}
			}
		})
		const callers, each = 8, 50
		for range callers {
			calls.Go(func() {
				for i := range each {
					p := shared
					if i%2 == 0 {
						p = build()
					}
					_, _ = ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int, error) {
						return work(ctx, time.Duration(rand.IntN(3000))*time.Microsecond, []error{nil, nil, errDown}[rand.IntN(3)])
					}, ductile.Async)
					if i%2 == 0 {
						p.Detach()
					}
				}
			})
		}
		calls.Wait()
		close(done)
		collecting.Wait()
		time.Sleep(time.Minute)
		assert.Equal(t, []string{"pipeline.name=inventory 0"}, s.metrics()["ductile.call.active"])
		assert.Len(t, s.spans.Ended(), len(s.spans.Started()))
		n := 0
		for _, span := range s.spans.Ended() {
			if span.Name() == "inventory" {
				n++
			}
		}
		assert.Equal(t, callers*each, n)
		shared.Detach()
		assert.Zero(t, c.registered.Load())
	})
}
