package benchmarks

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/hedge"
)

// A copy is the function of a hedged call, which is told which copy it is.
type copied func(ctx context.Context, number int) (int, error)

// A hedging is a library's hedge with one copy after a second.
type hedging struct {
	call  func(ctx context.Context, fn copied) (int, error)
	heard func() []int // the values that functions of ours were given by the library
}

// numbered returns fn for a library that does not number copies.
func numbered(fn copied) func(context.Context) (int, error) {
	var started atomic.Int32
	return func(ctx context.Context) (int, error) { return fn(ctx, int(started.Add(1))) }
}

// ductileHedging takes the pipeline's budget unless it is given another.
func ductileHedging(b *budget.Budget, options ...ductile.Option[int]) hedging {
	limits := []hedge.Option{hedge.After(time.Second)}
	if b != nil {
		limits = append(limits, hedge.Budget(b))
	}
	p := ductile.NewConcurrent("peers", hedge.New(limits...))
	var got values
	options = append(options, ductile.Discard(got.add))
	return hedging{func(ctx context.Context, fn copied) (int, error) {
		return ductile.DoConcurrent(ctx, p, numbered(fn), options...)
	}, got.all}
}

// failsafeHedging listens wherever its hedge and its executor let one listen.
func failsafeHedging(change ...func(hedgepolicy.Builder[int])) hedging {
	var got values
	b := hedgepolicy.NewBuilderWithDelay[int](time.Second).OnHedge(func(e failsafe.ExecutionEvent[int]) { got.add(e.LastResult()) })
	for _, f := range change {
		f(b)
	}
	done := func(e failsafe.ExecutionDoneEvent[int]) { got.add(e.Result) }
	executor := failsafe.With[int](b.Build()).OnDone(done).OnSuccess(done).OnFailure(done)
	return hedging{func(ctx context.Context, fn copied) (int, error) {
		count := numbered(fn)
		return executor.WithContext(ctx).GetWithExecution(func(exec failsafe.Execution[int]) (int, error) { return count(exec.Context()) })
	}, got.all}
}

type values struct {
	mu  sync.Mutex
	got []int
}

func (v *values) add(value int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.got = append(v.got, value)
}

func (v *values) all() []int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.got)
}

// sleep takes a time, unless nobody waits any more.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// An error of one copy does not win while another may still succeed.
func errorLoses(t *testing.T, h hedging) bool {
	t.Helper()
	v, err := h.call(context.Background(), func(ctx context.Context, number int) (int, error) {
		if number == 1 {
			return 1, sleep(ctx, 3*time.Second)
		}
		return 0, errDown
	})
	assert.Equal(t, v == 1, err == nil)
	return err == nil
}

// A copy that fails is replaced at once.
func failureIsReplaced(t *testing.T, h hedging) bool {
	t.Helper()
	began := time.Now()
	v, err := h.call(context.Background(), func(_ context.Context, number int) (int, error) {
		if number == 1 {
			return 0, errDown
		}
		return number, nil
	})
	assert.Equal(t, v == 2, err == nil)
	return err == nil && time.Since(began) == 0
}

// What the README says of hedges: ductile, ductile with Async, failsafe-go.
func TestComparisonOfHedges(t *testing.T) {
	for _, row := range []struct {
		claim string
		holds func(t *testing.T, h hedging) bool
		want  [3]bool
	}{
		{"an error does not win while another copy may succeed", errorLoses, [3]bool{true, true, false}},
		{"a copy that fails is replaced at once", failureIsReplaced, [3]bool{true, true, false}},
		{"values of copies that lost are handed over", func(t *testing.T, h hedging) bool {
			v, _ := h.call(context.Background(), func(_ context.Context, number int) (int, error) {
				if number == 1 {
					time.Sleep(time.Minute)
				}
				return number, nil
			})
			time.Sleep(time.Hour)
			assert.Equal(t, 2, v)
			return slices.Contains(h.heard(), 1)
		}, [3]bool{true, true, false}},
		{"a call that needs no copy starts no goroutine", func(_ *testing.T, h hedging) bool {
			here := goroutine()
			there := ""
			_, _ = h.call(context.Background(), func(context.Context, int) (int, error) { there = goroutine(); return 0, nil })
			return here == there
		}, [3]bool{true, false, false}},
		{"the winner does not wait for a first copy that ignores its cancellation", func(t *testing.T, h hedging) bool {
			began := time.Now()
			v, err := h.call(context.Background(), func(_ context.Context, number int) (int, error) {
				if number == 1 {
					time.Sleep(time.Minute)
				}
				return number, nil
			})
			took := time.Since(began)
			time.Sleep(time.Hour)
			assert.Equal(t, 2, v)
			assert.NoError(t, err)
			return took == time.Second
		}, [3]bool{false, true, true}},
		{"a caller who goes does not wait for copies that ignore it", func(_ *testing.T, h hedging) bool {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			began := time.Now()
			_, _ = h.call(ctx, func(context.Context, int) (int, error) { time.Sleep(time.Minute); return 0, nil })
			took := time.Since(began)
			time.Sleep(time.Hour)
			return took == 5*time.Second
		}, [3]bool{false, true, false}},
	} {
		t.Run(row.claim, func(t *testing.T) {
			for i, library := range []func() hedging{
				func() hedging { return ductileHedging(budget.Unlimited()) },
				func() hedging { return ductileHedging(budget.Unlimited(), ductile.Async[int]) },
				func() hedging { return failsafeHedging() },
			} {
				synctest.Test(t, func(t *testing.T) {
					assert.Equal(t, row.want[i], row.holds(t, library()), "ductile, with Async, failsafe-go: number %d", i+1)
				})
			}
		})
	}

	t.Run("copies are bounded by a budget, by default", func(t *testing.T) {
		copies := func(h hedging) (n int32) {
			var all atomic.Int32
			for range 100 {
				_, _ = h.call(context.Background(), func(ctx context.Context, _ int) (int, error) {
					all.Add(1)
					return 0, sleep(ctx, 2*time.Second)
				})
			}
			return all.Load() - 100
		}
		synctest.Test(t, func(t *testing.T) {
			assert.InDelta(t, 20, copies(ductileHedging(nil)), 1, "a fifth of the calls")
			assert.EqualValues(t, 100, copies(failsafeHedging()), "failsafe-go has a budget if asked")
		})
	})
	t.Run("failsafe-go lets only successes win if told so", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			onSuccess := func(b hedgepolicy.Builder[int]) { b.CancelIf(func(_ int, err error) bool { return err == nil }) }
			assert.True(t, errorLoses(t, failsafeHedging(onSuccess)))
			assert.False(t, failureIsReplaced(t, failsafeHedging(onSuccess)), "it waits for the delay all the same")
		})
	})
}

// goroutine returns what the runtime calls the goroutine that it is called on.
func goroutine() string {
	name, _, _ := strings.Cut(string(debug.Stack()), " [")
	return name
}

// How a hedged call ends whose copies do not return: with ductile, as if the caller had called the function itself; with failsafe-go, the
// process dies, or the call never ends. So each is made in a process of its own, which is this test once more.
func TestComparisonOfAbnormalEnds(t *testing.T) {
	const variable = "DUCTILE_TEST_END"
	libraries := map[string]func() hedging{
		"ductile":            func() hedging { return ductileHedging(budget.Unlimited()) },
		"ductile with Async": func() hedging { return ductileHedging(budget.Unlimited(), ductile.Async[int]) },
		"failsafe-go":        func() hedging { return failsafeHedging() },
	}
	if library, end, child := strings.Cut(os.Getenv(variable), "/"); child {
		synctest.Test(t, func(*testing.T) { apart(func() { callThatEnds(libraries[library](), end) }) })
		return
	}
	test, err := os.Executable()
	require.NoError(t, err)
	for _, row := range []struct{ end, ours, theirs string }{
		{"the first copy panics", "recovered: .*boom", "panic: boom"},
		{"the second copy panics", "recovered: .*boom", "panic: boom"},
		{"both copies exit", "recovered: <nil>", "deadlock: all goroutines in bubble are blocked"},
	} {
		for library := range libraries {
			t.Run(library+"/"+row.end, func(t *testing.T) {
				child := exec.CommandContext(t.Context(), test, "-test.run=^TestComparisonOfAbnormalEnds$")
				child.Env = append(os.Environ(), variable+"="+library+"/"+row.end)
				out, err := child.CombinedOutput()
				if library == "failsafe-go" {
					assert.Error(t, err)
					assert.Contains(t, string(out), row.theirs)
					assert.NotContains(t, string(out), "recovered:")
				} else {
					assert.NoError(t, err)
					assert.Regexp(t, row.ours, string(out))
				}
			})
		}
	}
}

// callThatEnds makes a call that ends so, and prints what its caller could recover.
func callThatEnds(h hedging, end string) {
	defer func() { fmt.Println("recovered:", recover()) }()
	_, _ = h.call(context.Background(), func(ctx context.Context, number int) (int, error) {
		switch {
		case end == "both copies exit":
			runtime.Goexit()
		case (number == 1) == (end == "the first copy panics"):
			panic("boom")
		}
		return 0, sleep(ctx, time.Hour)
	})
	fmt.Println("the call returned")
}
