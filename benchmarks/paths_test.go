package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/failsafe-go/failsafe-go"
	failsafetimeout "github.com/failsafe-go/failsafe-go/timeout"
	"github.com/sony/gobreaker/v2"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/timeout"
)

// BenchmarkPath measures each side of each path. The loops count to b.N: b.Loop would keep the variables alive that closures
// capture, and so add an allocation to each call.
func BenchmarkPath(b *testing.B) {
	for _, path := range Paths {
		for _, side := range path.Sides() {
			b.Run(path.Name+"/by="+side.By, func(b *testing.B) {
				b.ReportAllocs()
				c := side.Start()
				defer c.Close()
				if err := path.Run(c, b.N, b.ResetTimer); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// Those that keep no count of the calls that they let through. Their Check looks at other things, and their Calls at every result.
var countless = []string{
	"breaker-open/gobreaker",
	"bulkhead/ductile", "bulkhead-contended/ductile", "bulkhead/semaphore", "bulkhead-contended/semaphore",
	"bulkhead/failsafe-go", "bulkhead-contended/failsafe-go", "bulkhead/eapache", "bulkhead-contended/eapache",
	"hedge/failsafe-go", "hedge-done/failsafe-go", "hedge-async/failsafe-go",
	"retry/ductile", "retry/failsafe-go", "retry/backoff v4", "retry/backoff v6", "retry/avast", "retry/sethvargo", "retry/eapache",
	"breaker/eapache", "breaker/hystrix-go", "breaker/aegis", "breaker/go-zero",
	"breaker-contended/eapache", "breaker-contended/hystrix-go", "breaker-contended/aegis", "breaker-contended/go-zero",
	"breaker-open/failsafe-go", "breaker-open/eapache", "breaker-open/hystrix-go", "breaker-open/aegis", "breaker-open/go-zero",
	"policies-1/ductile", "policies-2/ductile", "policies-1/failsafe-go", "policies-2/failsafe-go",
	"keys-1/go-zero", "keys-10/go-zero", "keys-100/go-zero", "keys-1000/go-zero",
}

func TestPathsDoTheWork(t *testing.T) {
	paths := slices.Clone(Paths)
	for _, growth := range Growths {
		for _, size := range growth.Sizes {
			if size <= 1000 {
				paths = append(paths, growth.At(size))
			}
		}
	}
	for _, path := range Paths {
		if path.Crowded {
			crowd := path.Crowd(16)
			crowd.Name += "/crowd"
			paths = append(paths, crowd)
		}
	}
	for _, path := range paths {
		for _, side := range path.Sides() {
			name := path.Name + "/" + side.By
			t.Run(name, func(t *testing.T) {
				const n = 1001
				c := side.Start()
				defer c.Close()
				if err := path.Run(c, n, func() {}); err != nil {
					t.Fatal(err)
				}
				if err := c.Check(n); err != nil {
					t.Error(err)
				}
				if looks := c.Check(n+1) != nil; looks == slices.Contains(countless, strings.Replace(name, "/crowd", "", 1)) {
					t.Errorf("Check looks at how many calls there were: %v", looks)
				}
			})
		}
	}
}

func TestPathsAllocate(t *testing.T) {
	allocs := map[string][2]float64{}
	for _, path := range Paths {
		var got [2]float64
		for i, side := range path.Sides()[:2] {
			c := side.Start()
			calls := func(n int) float64 { return testing.AllocsPerRun(1000, func() { _ = c.Calls(n) }) }
			got[i] = calls(2) - calls(1) // what a loop needs besides is none of a call's
			c.Close()
		}
		allocs[path.Name] = got
		least := float64(path.Allocs)
		if path.Name == "hedge-async" {
			least-- // its caller makes a channel unless the copy is there first
		}
		if path.Network {
			least = 0
		}
		if got[0] < least || got[0] > float64(path.Allocs) {
			t.Errorf("%s: %v allocations for each call, want %d", path.Name, got[0], path.Allocs)
		}
	}
	for asked, not := range map[string]string{"stack-done": "stack-timeout", "hedge-done": "hedge"} {
		for i := range 2 {
			if allocs[asked][i] <= allocs[not][i] {
				t.Errorf("%s, side %d: %v allocations for each call, as if nobody asked for Done", asked, i+1, allocs[asked][i])
			}
		}
	}
	standard := testing.AllocsPerRun(1000, func() {
		ctx, cancel := context.WithDeadlineCause(context.Background(), time.Now().Add(attemptTime), errDown)
		defer cancel()
		select {
		case <-ctx.Done():
			t.Error("the deadline is over")
		default:
		}
	})
	if standard != standardDeadline {
		t.Errorf("a deadline of the standard library allocates %v times, not %d", standard, standardDeadline)
	}
	standard = testing.AllocsPerRun(1000, func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		select {
		case <-ctx.Done():
			t.Error("nobody has canceled")
		default:
		}
	})
	if standard != standardCancel {
		t.Errorf("a context that can be canceled allocates %v times, not %d", standard, standardCancel)
	}
}

func TestGatesAndGoals(t *testing.T) {
	for _, p := range Paths {
		if p.Goal < 0 || p.Gate < p.Goal || (p.Goal == 0) != (p.Gate == 0) || p.What == "" || p.Note == "" {
			t.Errorf("%s: needs a goal and a gate that is not below it, or neither, and words for people", p.Name)
		}
		for i, side := range p.Sides() {
			if p.NoteOf(i) == "" {
				t.Errorf("%s: does not say what %s leaves out", p.Name, side.By)
			}
			if side.Settings == "" {
				t.Errorf("%s: does not say what %s is set to", p.Name, side.By)
			}
		}
	}
	if size := unsafe.Sizeof(Stock{}); size != 48 {
		t.Errorf("the result has %d bytes, not 48", size)
	}
}

// stacks returns each side's stack, with an attempt timeout.
func stacks() []library {
	ours := newStack(timeout.New(attemptTime))
	theirs := newFailsafe(failsafetimeout.New[Stock](attemptTime))
	return []library{
		{"ductile", func(fn function) (Stock, error) { return ductile.Do(context.Background(), ours.pipeline, fn) }, func() int {
			return ours.bulkhead.Snapshot().Limit - ours.bulkhead.Snapshot().InFlight
		}},
		{"failsafe-go", func(fn function) (Stock, error) {
			return theirs.executor.GetWithExecution(func(exec failsafe.Execution[Stock]) (Stock, error) { return fn(exec.Context()) })
		}, theirs.free},
	}
}

type function = func(context.Context) (Stock, error)

// A library is one of those that are compared, set up for a test.
type library struct {
	by   string
	call func(function) (Stock, error)
	free func() int // counts permits
}

// TestStacksAreTheSame makes a call that fails, and one that hangs, through the stacks of both sides: in a measurement, where all is
// well, nobody would notice a policy that is missing.
func TestStacksAreTheSame(t *testing.T) {
	functions := map[string]function{
		"fails": func(context.Context) (Stock, error) { return Stock{}, errDown },
		"hangs": func(ctx context.Context) (Stock, error) { <-ctx.Done(); return Stock{}, ctx.Err() },
	}
	for what, fn := range functions {
		for i, by := range []string{"ductile", "failsafe-go"} {
			t.Run(fmt.Sprintf("%s/%s", by, what), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					attempts, side := 0, stacks()[i]
					_, err := side.call(func(ctx context.Context) (Stock, error) {
						if attempts++; side.free() != permits()-1 {
							t.Errorf("%d of %d permits are left in the call, want all but one", side.free(), permits())
						}
						return fn(ctx)
					})
					if attempts != 3 {
						t.Errorf("%d attempts, want 3", attempts)
					}
					if err != nil {
						t.Errorf("%v, want the fallback's answer", err)
					}
					if side.free() != permits() {
						t.Errorf("%d of %d permits are left after the call", side.free(), permits())
					}
				})
			})
		}
	}
}

// TestHedgesAreTheSame makes calls that no hedge is needed for, and then one whose first copy hangs.
func TestHedgesAreTheSame(t *testing.T) {
	for _, by := range []string{"ductile", "failsafe-go"} {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, _ := newHedge()
				theirs, _ := newFailsafeHedge()
				call := map[string]func(function) (Stock, error){
					"ductile": func(fn function) (Stock, error) { return ductile.DoConcurrent(context.Background(), ours, fn) },
					"failsafe-go": func(fn function) (Stock, error) {
						return theirs.GetWithExecution(func(exec failsafe.Execution[Stock]) (Stock, error) { return fn(exec.Context()) })
					},
				}[by]
				for range 5 { // earns a copy, where it must be earned
					if _, err := call(func(context.Context) (Stock, error) { return Stock{}, nil }); err != nil {
						t.Error(err)
					}
				}
				var copies atomic.Int32
				begin := time.Now()
				stock, err := call(func(ctx context.Context) (Stock, error) {
					if copies.Add(1) == 1 {
						<-ctx.Done()
						return Stock{}, ctx.Err()
					}
					return Stock{Left: 7}, nil
				})
				if err != nil || stock.Left != 7 {
					t.Errorf("%v, %v, want the second copy's answer", stock, err)
				}
				if took := time.Since(begin); took != hedgeAfter || copies.Load() != 2 {
					t.Errorf("%d copies, the last after %v", copies.Load(), took)
				}
			})
		})
	}
}

// TestBreakersAreTheSame counts how many calls each breaker takes to open.
func TestBreakersAreTheSame(t *testing.T) {
	ours, theirs := newBreaker(), newGobreaker()
	others := newFailsafe().breaker
	sides := []struct {
		by   string
		call func(err error) (open bool)
	}{
		{"ductile", func(err error) bool {
			token, refused := ours.Acquire(context.Background())
			if refused == nil {
				ours.Release(token, err)
			}
			return refused != nil
		}},
		{"gobreaker", func(err error) bool {
			_, got := theirs.Execute(func() (Stock, error) { return Stock{}, err })
			return errors.Is(got, gobreaker.ErrOpenState)
		}},
		{"failsafe-go", func(err error) bool {
			open := !others.TryAcquirePermit()
			others.RecordError(err)
			return open
		}},
	}
	for _, side := range sides {
		// Every second call fails: at the 20th, half of them have.
		for i := range 20 {
			if side.call(map[bool]error{true: errDown}[i%2 == 1]) {
				t.Errorf("%s refuses call %d", side.by, i+1)
			}
		}
		if !side.call(nil) {
			t.Errorf("%s is not open after 10 failures of 20 calls", side.by)
		}
	}
}
