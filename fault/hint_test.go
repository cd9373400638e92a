package fault_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fault"
)

func TestRetryAfter(t *testing.T) {
	const unhinted = time.Duration(math.MinInt64) // in the table's column: there is no hint
	second, minute := fault.Overload(errPlain, time.Second), fault.Overload(errPlain, time.Minute)
	for _, row := range []struct {
		name string
		err  error
		want time.Duration
	}{
		{"no error", nil, unhinted},
		{"an error without one", errPlain, unhinted},
		{"a mark of another kind", fault.Permanent(errPlain), unhinted},
		{"Overload that does not say", fault.Overload(errPlain, 0), unhinted},
		{"Overload that says less than nothing", fault.Overload(errPlain, -time.Second), unhinted},
		{"Overload that says far less than nothing", fault.Overload(errPlain, math.MinInt64), unhinted},

		{"Overload", second, time.Second},
		{"the least there is", fault.Overload(errPlain, 1), 1},
		{"the most there is", fault.Overload(errPlain, math.MaxInt64), math.MaxInt64},
		{"wrapped", fmt.Errorf("get: %w", second), time.Second},
		{"below another mark", fault.Permanent(fmt.Errorf("get: %w", second)), time.Second},
		{"below the driver's mark", fault.End(second, fault.ClassTransient), time.Second},
		{"in a join", errors.Join(nil, errPlain, second), time.Second},
		{"two in a join: the first, not the longest", errors.Join(second, minute), time.Second},
		{"two below each other: the outermost, not the longest", fault.Overload(fmt.Errorf("x: %w", minute), time.Second), time.Second},
		{"below an Overload that does not say", fault.Overload(second, 0), time.Second},

		{"somebody's own error", hint{time.Second, true}, time.Second},
		{"one that says: now", hint{0, true}, 0},
		{"one that says: before now", hint{-time.Hour, true}, 0},
		{"one that does not know, around one that does", errors.Join(hint{time.Hour, false}, second), time.Second},
		{"one that does not know", hint{time.Hour, false}, unhinted},
	} {
		t.Run(row.name, func(t *testing.T) {
			after, hinted := fault.RetryAfter(row.err)
			if row.want == unhinted {
				assert.False(t, hinted)
				assert.Zero(t, after)
				return
			}
			assert.True(t, hinted)
			assert.Equal(t, row.want, after)
		})
	}
}

// hint is an error of another package that may know when to come back.
type hint struct {
	after time.Duration
	known bool
}

func (hint) Error() string                       { return "hint" }
func (h hint) RetryAfter() (time.Duration, bool) { return h.after, h.known }
