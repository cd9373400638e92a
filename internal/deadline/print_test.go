package deadline_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// named prints as it likes.
type named struct{ context.Context }

func (named) String() string { return "the caller's" }

// It prints as those of the standard library do: by its ancestors, as far as they have names.
func TestItPrintsItself(t *testing.T) {
	for _, row := range []struct {
		parent context.Context
		want   string
	}{
		{context.Background(), "context.Background.WithTimeout(1h0m0s)"},
		{named{context.Background()}, "the caller's.WithTimeout(1h0m0s)"},
		{hasty{context.Background()}, "deadline_test.hasty.WithTimeout(1h0m0s)"},
		{within(named{context.Background()}, 2*time.Hour), "the caller's.WithTimeout(2h0m0s).WithTimeout(1h0m0s)"},
	} {
		ctx := within(row.parent, time.Hour)
		for range 2 {
			assert.Equal(t, row.want, fmt.Sprint(ctx))
			ctx.Done() // and no differently then
		}
		child, cancel := context.WithCancel(ctx)
		assert.Equal(t, row.want+".WithCancel", fmt.Sprint(child))
		cancel()
		ctx.End()
	}
}
