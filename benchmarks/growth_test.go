package benchmarks

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/failsafe-go/failsafe-go"

	"github.com/ductile-go/ductile"
)

// TestPilesAreTheSame makes a call that fails through the piles of both sides.
func TestPilesAreTheSame(t *testing.T) {
	for size := 1; size <= 8; size++ {
		ours, _ := newPile(size)
		theirs, _ := newFailsafePile(size)
		for by, call := range map[string]func(function) (Stock, error){
			"ductile": func(fn function) (Stock, error) { return ductile.Do(context.Background(), ours, fn) },
			"failsafe-go": func(fn function) (Stock, error) {
				return theirs.GetWithExecution(func(exec failsafe.Execution[Stock]) (Stock, error) { return fn(exec.Context()) })
			},
		} {
			synctest.Test(t, func(t *testing.T) {
				made := 0
				_, err := call(func(context.Context) (Stock, error) { made++; return Stock{}, errDown })
				if want := map[bool]int{false: 1, true: attempts}[size > 1]; made != want || err != nil {
					t.Errorf("%s, %d policies: %d attempts and %v, want %d and the fallback's answer", by, size, made, err, want)
				}
			})
		}
	}
}

// TestPilesAllocate counts what ours allocates.
func TestPilesAllocate(t *testing.T) {
	for size := 1; size <= 8; size++ {
		c := piled(size)
		if got := testing.AllocsPerRun(1000, func() { _ = c.Calls(1) }); got != float64(ofPile(size)) {
			t.Errorf("%d policies: %v allocations for each call, want %d", size, got, ofPile(size))
		}
	}
}

// TestKeysAllHaveTheirTurn takes as many keys as there are.
func TestKeysAllHaveTheirTurn(t *testing.T) {
	for _, growth := range Growths {
		if growth.Of != "keys" {
			continue
		}
		for _, size := range growth.Sizes {
			k, met := newKeys(size, func(string) {}), map[string]bool{}
			for range size {
				met[k.key()] = true
			}
			if len(met) != size {
				t.Errorf("%d of %d keys had their turn", len(met), size)
			}
		}
	}
}

func TestGrowthsSayWhat(t *testing.T) {
	for _, g := range Growths {
		for _, size := range g.Sizes {
			p := g.At(size)
			for i, side := range p.Sides() {
				if p.Name == "" || p.What == "" || p.NoteOf(i) == "" || side.By == "" || side.Settings == "" {
					t.Errorf("%s of %d %s: says too little", p.Name, size, g.Of)
				}
			}
		}
	}
}
