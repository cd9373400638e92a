package ductile_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/timeout"
)

// The scenes of TestAnyConcurrentCall in real time, many side by side, on one core, on two and on four: what happens at the same moment
// there happens at once here.
func TestStressAnyConcurrentCall(t *testing.T) {
	for seed, outermost := range []string{"hedge", "middleware", "detached", "retry", "gate"} {
		for _, procs := range []int{1, 2, 4} {
			t.Run(fmt.Sprintf("%s, %d procs", outermost, procs), func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
				scenes := scenes(outermost)
				stages := make([]*stage, 200)
				var all sync.WaitGroup
				for i := range stages {
					stages[i] = scenes.Example(1000*seed + 300*procs + i).set(50 * time.Microsecond)
					all.Go(stages[i].play)
				}
				all.Wait()
				for _, st := range stages {
					for st.running.Load() > 0 {
						runtime.Gosched()
					}
				}
				goleak.VerifyNone(t)
				for _, st := range stages {
					for _, wrong := range st.audit() {
						t.Errorf("%s: %+v", wrong, st.scene)
					}
				}
			})
		}
	}
}

// Everything that can end a call happens at the same instant: all copies return, the timer of the next one and a detached timeout fire, and
// the caller leaves. Whoever is first, every value is returned or discarded once, and no goroutine is left.
func TestStressEverythingEndsAtOnce(t *testing.T) {
	const soon = 100 * time.Microsecond
	for name, policies := range map[string]func() []ductile.Policy{
		"hedge":           func() []ductile.Policy { return []ductile.Policy{&copies{most: 2}} },
		"a copy too late": func() []ductile.Policy { return []ductile.Policy{&copies{wait: soon, most: 3}} },
		"hedge, detached timeout": func() []ductile.Policy {
			return []ductile.Policy{&copies{most: 2}, timeout.New(soon, timeout.Detached())}
		},
		"detached timeout, hedge": func() []ductile.Policy {
			return []ductile.Policy{timeout.New(soon, timeout.Detached()), &copies{most: 2}}
		},
		"two hedges": func() []ductile.Policy { return []ductile.Policy{&copies{most: 2}, &copies{wait: soon / 2, most: 2}} },
	} {
		for kind, options := range map[string][]ductile.Option[*value]{"inline": nil, "async": {ductile.Async[*value]}} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				p := ductile.NewConcurrent("test", policies()...)
				var mu sync.Mutex
				var values []*value
				var all, copies sync.WaitGroup
				for g := range 4 {
					all.Go(func() {
						for n := range 500 {
							v, err := allAtOnce(p, n+g, soon, func(end error) (*value, error) {
								v := new(value)
								mu.Lock()
								defer mu.Unlock()
								values = append(values, v)
								return v, end
							}, &copies, options)
							if v != nil {
								v.returned.Add(1)
							} else {
								assert.Error(t, err)
							}
						}
					})
				}
				all.Wait()
				copies.Wait()
				goleak.VerifyNone(t)
				returned := 0
				for _, v := range values {
					returned += int(v.returned.Load())
					assert.Equal(t, int32(1), v.discarded.Load()+v.returned.Load())
				}
				assert.Positive(t, returned)
				assert.Less(t, returned, len(values))
			})
		}
	}
}

// allAtOnce makes a call of which everything ends soon, and at once.
func allAtOnce(
	p *ductile.ConcurrentPipeline, n int, soon time.Duration, end func(error) (*value, error), running *sync.WaitGroup, options []ductile.Option[*value],
) (*value, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	now := make(chan struct{})
	time.AfterFunc(soon, func() {
		close(now)
		if n%2 == 0 {
			cancel()
		}
	})
	running.Add(1) // or the number could be zero between two copies
	defer running.Done()
	discard := ductile.Discard(func(v *value) { v.discarded.Add(1) })
	return ductile.DoConcurrent(ctx, p, func(context.Context) (*value, error) {
		running.Add(1)
		defer running.Done()
		<-now
		if n%3 == 0 {
			return end(errDown)
		}
		return end(nil)
	}, append(slices.Clip(options), discard)...)
}

// Most callers cancel their context when they have the answer. The losers have heard by then that a faster copy won, and do not take it for a
// caller who left: a breaker would not hear how slow they were.
func TestStressLosersHearWhoWon(t *testing.T) {
	defer goleak.VerifyNone(t)
	p := ductile.NewConcurrent("test", &copies{most: 2})
	var lost, wrong atomic.Int64
	var all, copies sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5000 {
				ctx, cancel := context.WithCancel(context.Background())
				waiting := make(chan struct{})
				copies.Add(1)
				_, err := ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int, error) {
					if _, n := p.Attempt(ctx); n > 1 {
						<-waiting
						return n, nil
					}
					defer copies.Done()
					close(waiting)
					<-ctx.Done()
					lost.Add(1)
					if fault.Of(context.Cause(ctx)) != fault.ClassSuperseded {
						wrong.Add(1)
					}
					return 0, ctx.Err()
				}, ductile.Async)
				cancel()
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	copies.Wait()
	assert.Equal(t, int64(20_000), lost.Load())
	assert.Zero(t, wrong.Load())
}
