package hedge_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// traffic makes 200 calls a second for a time to a dependency that takes so long, and returns how many calls and how many copies of
// them there were.
func traffic(t *testing.T, p *ductile.ConcurrentPipeline, takes, lasts time.Duration) (calls, copies int64) {
	t.Helper()
	var started atomic.Int64
	var all sync.WaitGroup
	for range lasts / (5 * time.Millisecond) {
		calls++
		all.Go(func() {
			_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
				started.Add(1)
				return 0, sleep(ctx, takes)
			})
			assert.NoError(t, err)
		})
		time.Sleep(5 * time.Millisecond)
	}
	all.Wait()
	return calls, started.Load()
}

// When every replica is slow, every call outlasts the delay, and copies of all of them would double the load of what is overloaded
// already. The budget keeps them to its share.
func TestOutage(t *testing.T) {
	after := hedge.After(10 * time.Millisecond)
	for name, test := range map[string]struct {
		options     func() []hedge.Option
		least, most float64 // extra load
	}{
		"after 10 ms":                                 {func() []hedge.Option { return []hedge.Option{after} }, 0.15, 0.2},
		"with a budget of a tenth":                    {func() []hedge.Option { return []hedge.Option{after, hedge.Budget(budget.New(budget.Share(0.1)))} }, 0.08, 0.1},
		"without a budget":                            {func() []hedge.Option { return []hedge.Option{after, hedge.Budget(budget.Unlimited())} }, 1, 1},
		"at the observed p95, which soon is a second": {func() []hedge.Option { return nil }, 0.01, 0.2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := ductile.NewConcurrent("test", hedge.New(test.options()...))
				calls, copies := traffic(t, p, 5*time.Millisecond, 30*time.Second)
				assert.Equal(t, calls, copies, "nobody is slow")
				time.Sleep(10 * time.Second) // what was earned is forgotten
				calls, copies = traffic(t, p, time.Second, 10*time.Second)
				extra := float64(copies-calls) / float64(calls)
				assert.GreaterOrEqual(t, extra, test.least)
				assert.LessOrEqual(t, extra, test.most)
			})
		})
	}
}

// A replica that hangs behind a hedge: its calls are all overtaken, and nothing else is heard of it. Its breaker opens all the same, with
// few calls or many, and from then on the copy for the other replica goes at once.
func TestAReplicaThatHangs(t *testing.T) {
	for name, every := range map[string]time.Duration{"a call a minute": time.Minute, "fifty calls a second": 20 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				breakers := []*breaker.Breaker{breaker.New(breaker.OpenTime(time.Hour)), breaker.New()}
				replicas := []*ductile.Pipeline{ductile.New("one", breakers[0]), ductile.New("two", breakers[1])}
				p := ductile.NewConcurrent("test", hedge.New(hedge.After(10*time.Millisecond), hedge.Budget(budget.Unlimited()),
					hedge.On(fault.ClassTransient, fault.ClassTimeout, fault.ClassRejected)))
				call := func() time.Duration {
					begin := time.Now()
					got, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
						_, n := p.Attempt(ctx)
						return ductile.Do(ctx, replicas[n-1], func(ctx context.Context) (int, error) {
							takes := time.Millisecond
							if n == 1 {
								takes = time.Hour
							}
							return n, sleep(ctx, takes)
						})
					})
					require.NoError(t, err)
					assert.Equal(t, 2, got)
					return time.Since(begin)
				}
				calls := 0
				for ; breakers[0].State() == breaker.Closed; calls++ {
					assert.Equal(t, 11*time.Millisecond, call())
					time.Sleep(every)
				}
				assert.Equal(t, 5, calls)
				assert.Equal(t, breaker.CauseOvertaken, breakers[0].Snapshot().Cause)
				assert.Equal(t, time.Millisecond, call())
				assert.Equal(t, breaker.Closed, breakers[1].State())
			})
		})
	}
}
