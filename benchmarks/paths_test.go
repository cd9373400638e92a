package benchmarks

import (
	"context"
	"errors"
	"fmt"
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
				if err := path.Run(side.Start(), b.N, b.ResetTimer); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

func TestPathsDoTheWork(t *testing.T) {
	for _, path := range Paths {
		for _, side := range path.Sides() {
			t.Run(path.Name+"/"+side.By, func(t *testing.T) {
				const n = 1001
				c := side.Start()
				if err := path.Run(c, n, func() {}); err != nil {
					t.Fatal(err)
				}
				if err := c.Check(n); err != nil {
					t.Error(err)
				}
				if c.Check(n+1) == nil && path.Name != "breaker-open" { // where the peer counts nothing
					t.Error("Check does not look at how many calls there were")
				}
			})
		}
	}
}

func TestPathsAllocate(t *testing.T) {
	for _, path := range Paths {
		c := path.Ours.Start()
		if got := testing.AllocsPerRun(1000, func() { _ = c.Calls(1) }); got > float64(path.Allocs) {
			t.Errorf("%s: %v allocations for each call, want at most %d", path.Name, got, path.Allocs)
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
}

func TestGatesAndGoals(t *testing.T) {
	for _, p := range Paths {
		if p.Goal <= 0 || p.Gate < p.Goal || p.What == "" || p.Note == "" {
			t.Errorf("%s: needs a goal, a gate that is not below it, and words for people", p.Name)
		}
	}
	if size := unsafe.Sizeof(Stock{}); size != 48 {
		t.Errorf("the result has %d bytes, not 48", size)
	}
}

// TestStacksAreTheSame makes a call that fails, and one that hangs, through the stacks of both sides: in a measurement, where all is
// well, nobody would notice a policy that is missing.
func TestStacksAreTheSame(t *testing.T) {
	type function = func(context.Context) (Stock, error)
	sides := []struct {
		by   string
		call func(fn function) (Stock, error)
	}{
		{"ductile", func(fn function) (Stock, error) {
			p, _ := newStack(timeout.New(attemptTime))
			return ductile.Do(context.Background(), p, fn)
		}},
		{"failsafe-go", func(fn function) (Stock, error) {
			e, _ := newFailsafe(failsafetimeout.New[Stock](attemptTime))
			return e.GetWithExecution(func(exec failsafe.Execution[Stock]) (Stock, error) { return fn(exec.Context()) })
		}},
	}
	functions := map[string]function{
		"fails": func(context.Context) (Stock, error) { return Stock{}, errDown },
		"hangs": func(ctx context.Context) (Stock, error) { <-ctx.Done(); return Stock{}, ctx.Err() },
	}
	for what, fn := range functions {
		for _, side := range sides {
			t.Run(fmt.Sprintf("%s/%s", side.by, what), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					attempts := 0
					_, err := side.call(func(ctx context.Context) (Stock, error) {
						attempts++
						return fn(ctx)
					})
					if attempts != 3 {
						t.Errorf("%d attempts, want 3", attempts)
					}
					if err != nil {
						t.Errorf("%v, want the fallback's answer", err)
					}
				})
			})
		}
	}
}

// TestBreakersAreTheSame counts how many calls each breaker takes to open.
func TestBreakersAreTheSame(t *testing.T) {
	ours, theirs := newBreaker(), newGobreaker()
	_, others := newFailsafe()
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

func TestWeigh(t *testing.T) {
	if got := Weigh(func() any { return new([64]byte) }); got < 64 || got > 66 {
		t.Errorf("64 bytes weigh %d", got)
	}
	for _, w := range Weights {
		if Weigh(w.Make) < 64 || Weigh(w.MakePeers) < 64 || w.Goal <= 0 || w.Gate < w.Goal {
			t.Errorf("%s: weighs nothing, or has no goal", w.Name)
		}
	}
}
