package hedge_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/hedge"
)

// What a call under way meets: the new number at its next decision, the new delay at its next wait.
func TestUpdateDuringACall(t *testing.T) {
	const takes = 3500 * time.Millisecond // the call that is updated after a second and a half, or half a second
	for _, row := range []struct {
		name    string
		options []hedge.Option
		at      time.Duration
		update  []hedge.Option
		want    []time.Duration // when copies start
	}{
		{"no update", []hedge.Option{hedge.Extra(2)}, 0, nil, []time.Duration{0, time.Second, 2 * time.Second}},
		{"fewer copies", []hedge.Option{hedge.Extra(2)}, 1500 * time.Millisecond, []hedge.Option{hedge.Extra(0)}, []time.Duration{0, time.Second}},
		{"more copies", nil, 500 * time.Millisecond, []hedge.Option{hedge.Extra(2)}, []time.Duration{0, time.Second, 2 * time.Second}},
		{"more copies, too late", nil, 1500 * time.Millisecond, []hedge.Option{hedge.Extra(2)}, []time.Duration{0, time.Second}},
		{"there were none to come", []hedge.Option{hedge.Extra(0)}, 500 * time.Millisecond, []hedge.Option{hedge.Extra(2)}, []time.Duration{0}},
		{
			"a shorter delay", []hedge.Option{hedge.Extra(2)}, 500 * time.Millisecond, []hedge.Option{hedge.After(100 * time.Millisecond)},
			[]time.Duration{0, time.Second, 1100 * time.Millisecond},
		},
		{
			"a longer delay", []hedge.Option{hedge.Extra(2)}, 500 * time.Millisecond, []hedge.Option{hedge.After(2 * time.Second)},
			[]time.Duration{0, time.Second, 3 * time.Second},
		},
	} {
		in(t, row.name, func(t *testing.T) {
			p := hedge.New(append([]hedge.Option{hedge.After(time.Second), hedge.Budget(budget.Unlimited())}, row.options...)...)
			line := ductile.NewConcurrent("inventory", p)
			time.AfterFunc(row.at, func() { assert.NoError(t, p.Update(row.update...)) })
			begin := time.Now()
			var started [4]atomic.Int64
			_, err := ductile.DoConcurrent(t.Context(), line, func(ctx context.Context) (int, error) {
				_, n := line.Attempt(ctx)
				started[n-1].Store(int64(time.Since(begin)) + 1)
				return 0, sleep(ctx, takes)
			})
			require.NoError(t, err)
			assert.Equal(t, takes, time.Since(begin), "the copies that run go on, and the first one wins")
			var got []time.Duration
			for i := range started {
				if at := started[i].Load(); at > 0 {
					got = append(got, time.Duration(at-1))
				}
			}
			assert.Equal(t, row.want, got)
		})
	}
}
