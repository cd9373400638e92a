package ductile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// A store is a dependency that has nothing, but knows that.
type store struct{ ErrNotFound error }

// The type of the first lines of the README.
type shelf struct{ Unknown bool }

func (s store) Get(context.Context, string) (shelf, error) { return shelf{}, s.ErrNotFound }

// The README's first lines.
func Example_readme() {
	type Stock = shelf
	ctx, inventory, sku := context.Background(), store{errors.New("no such thing")}, "4711"

	// Once, at startup: a breaker and a budget remember. Outermost first.
	var p = ductile.New("inventory",
		fallback.Value(Stock{Unknown: true}),   // what instead, when the dependency is at fault
		timeout.New(2*time.Second),             // the whole call
		retry.New(),                            // again, with backoff, jitter and a budget
		breaker.New(breaker.Name("inventory")), // may it go at all
		bulkhead.New(64),                       // how many at once
		timeout.New(300*time.Millisecond),      // each attempt
	)

	// For each call:
	stock, err := ductile.Do(ctx, p, func(ctx context.Context) (Stock, error) {
		s, err := inventory.Get(ctx, sku)
		if errors.Is(err, inventory.ErrNotFound) {
			return s, fault.Permanent(err) // an answer, not a fault: no retry, no trip, no fallback
		}
		return s, err
	})

	fmt.Println(stock.Unknown, err)

	// A call whose answer is of another type is refused before it is made.
	_, err = ductile.Do(ctx, p, func(context.Context) (int, error) { fmt.Println("never called"); return 0, nil })
	_, ok := errors.AsType[*ductile.MismatchError](err)
	fmt.Println(ok)
	// Output:
	// false no such thing
	// true
}

// An index is a dependency that finds one page.
type index struct{}

// A Page is what has to be closed.
type Page struct{ closed bool }

func (index) Find(context.Context, string) (*Page, error) { return new(Page), nil }

// Close closes it.
func (p *Page) Close() { p.closed = true }

// The README's lines about a hedge.
func Example_readmeHedge() {
	ctx, search, query := context.Background(), index{}, "umbrella"

	var tail = ductile.NewConcurrent("search", timeout.New(2*time.Second), hedge.New()) // a copy after the p95 of what was seen

	found, err := ductile.DoConcurrent(ctx, tail, func(ctx context.Context) (*Page, error) {
		return search.Find(ctx, query)
	}, ductile.Discard((*Page).Close)) // of the copy that lost

	fmt.Println(found.closed, err)
	// Output:
	// false <nil>
}

// What README.md shows of the library itself is code that compiles.
func TestTheReadmeIsTheProgram(t *testing.T) {
	words := func(text []byte) string { return strings.Join(strings.Fields(string(text)), " ") }
	program, blocks := words(readFile(t, "readme_example_test.go")), 0
	for block := range strings.SplitSeq(string(readFile(t, "README.md")), "```") {
		if strings.HasPrefix(block, "go\n") && strings.Contains(block, "ductile.Do") {
			blocks++
			assert.Contains(t, program, words([]byte(strings.TrimPrefix(block, "go\n"))))
		}
	}
	assert.Equal(t, 2, blocks)
}
