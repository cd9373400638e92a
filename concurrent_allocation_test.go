package ductile_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// What DoConcurrent allocates, as its documentation says: a function may outlive the call, so the call is on the heap.
func TestConcurrentAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	quick := func(context.Context) {}
	waits := func(ctx context.Context) { _ = ctx.Done() }
	serial := []ductile.Policy{fallback.Value(answer{}), retry.New(), breaker.New()}
	unneeded := hedge.New(hedge.After(time.Hour), hedge.Budget(budget.Unlimited()))
	ignorant := hedge.New() // it does not know yet what slow is

	// What the standard library's own cancellation costs, here and now, where somebody asks for Done.
	parent := t.Context()
	standard := testing.AllocsPerRun(1000, func() {
		ctx, cancel := context.WithCancel(parent)
		_ = ctx.Done()
		cancel()
	})
	for _, test := range []struct {
		name string
		p    ductile.Composed
		fn   func(context.Context)
		want float64
	}{
		{"no policies", ductile.NewConcurrent("test"), quick, 2},
		{"the zero pipeline", new(ductile.ConcurrentPipeline), quick, 2},
		{"a serial pipeline", ductile.New("test", serial...), quick, 2},
		{"no cut", ductile.NewConcurrent("test", serial...), quick, 2},
		{"a hedge that knows nothing yet", ductile.NewConcurrent("test", ignorant), quick, 2},
		{"a hedge that is not needed", ductile.NewConcurrent("test", unneeded), quick, 5},
		{"a hedge that is not needed, Done asked", ductile.NewConcurrent("test", unneeded), waits, 5 + standard},
		{"in a pipeline", ductile.NewConcurrent("test", append(serial, unneeded)...), quick, 5},
		{"around a timeout", ductile.NewConcurrent("test", unneeded, timeout.New(time.Minute)), quick, 6},
		{"within a timeout that is up before", ductile.NewConcurrent("test", timeout.New(time.Minute), unneeded), quick, 4}, // no timer
	} {
		t.Run(test.name, func(t *testing.T) {
			captured := 0
			got := testing.AllocsPerRun(1000, func() {
				a, _ := ductile.DoConcurrent(parent, test.p, func(ctx context.Context) (answer, error) {
					captured++
					test.fn(ctx)
					return answer{captured}, nil
				})
				captured += a[1]
			})
			assert.Equal(t, test.want, got)
		})
	}
}

// A call that has ended is forgotten: no timer of a copy that was not needed, nor of a timeout, keeps what the function captured or the caller's
// context for as long as it would run.
func TestAnEndedCallIsForgotten(t *testing.T) {
	type burden [1 << 10]int
	type key struct{}
	for name, test := range map[string]struct {
		policy  ductile.Policy
		options []ductile.Option[int]
	}{
		"hedge":        {&copies{wait: time.Hour, most: 2}, nil},
		"hedge, async": {&copies{wait: time.Hour, most: 2}, []ductile.Option[int]{ductile.Async[int]}},
		"timeout":      {timeout.New(time.Hour), nil},
		"detached":     {timeout.New(time.Hour, timeout.Detached()), nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := ductile.NewConcurrent("test", test.policy)
			call := func() (captured, carried weak.Pointer[burden]) {
				capture, carry := new(burden), new(burden)
				ctx := context.WithValue(t.Context(), key{}, carry)
				_, err := ductile.DoConcurrent(ctx, p, func(ctx context.Context) (int, error) {
					_ = ctx.Done()
					return capture[0], nil
				}, test.options...)
				require.NoError(t, err)
				return weak.Make(capture), weak.Make(carry)
			}
			captured, carried := call()
			for range 10 { // a goroutine may be about to end
				if captured.Value() != nil || carried.Value() != nil {
					runtime.GC()
				}
			}
			assert.Nil(t, captured.Value())
			assert.Nil(t, carried.Value())
		})
	}
}

// A call that needs no hedge starts no goroutine, whatever its function asks of its context: it is the caller's goroutine that runs it, and
// no other begins. With Async there is one, as there is for a detached timeout.
func TestACallThatNeedsNoHedgeStartsNoGoroutine(t *testing.T) {
	h := &copies{wait: time.Hour, most: 2}
	for _, test := range []struct {
		name     string
		policies []ductile.Policy
		options  []ductile.Option[int]
		want     int
	}{
		{"hedge", []ductile.Policy{h}, nil, 0},
		{"two hedges between timeouts", []ductile.Policy{timeout.New(time.Minute), h, timeout.New(time.Minute), &copies{wait: time.Hour, most: 2}, timeout.New(time.Second)}, nil, 0},
		{"hedge and retry", []ductile.Policy{retry.New(retry.Constant(0)), h}, nil, 0},
		{"hedge, asynchronous", []ductile.Policy{h}, []ductile.Option[int]{ductile.Async[int]}, 1},
		{"detached", []ductile.Policy{timeout.New(time.Minute, timeout.Detached())}, nil, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := ductile.NewConcurrent("test", test.policies...)
			me, calls := goroutine(), 0
			_, err := ductile.DoConcurrent(t.Context(), p, func(ctx context.Context) (int, error) {
				child, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				defer context.AfterFunc(ctx, func() {})()
				_ = child.Done()
				assert.Equal(t, test.want == 0, me == goroutine())
				assert.Equal(t, test.want, startedBy(me))
				if calls++; calls == 1 && len(test.policies) == 2 {
					return 0, errDown
				}
				return 0, nil
			}, test.options...)
			require.NoError(t, err)
		})
	}
}

// goroutine returns the name of this goroutine: "goroutine 7".
func goroutine() string {
	buf := make([]byte, 64)
	name, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), " [")
	return name
}

// startedBy returns how many goroutines there are that a goroutine has started.
func startedBy(goroutine string) int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), " in "+goroutine+"\n")
}
