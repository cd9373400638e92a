package hedge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/internal/latency"
)

// A further copy is one too many, too late, or the budget's to grant, in this order: what is refused has cost nothing.
func TestLaunch(t *testing.T) {
	for _, row := range []struct {
		name    string
		options []hedge.Option
		started int
		left    time.Duration
		want    bool
		late    uint64
	}{
		{"a second copy", nil, 1, noDeadline, true, 0},
		{"a third", nil, 2, noDeadline, false, 0},
		{"three are allowed", []hedge.Option{hedge.Extra(2)}, 2, noDeadline, true, 0},
		{"a fourth", []hedge.Option{hedge.Extra(2)}, 3, noDeadline, false, 0},
		{"no time at all", nil, 1, 0, false, 1},
		{"the deadline has passed", nil, 1, -time.Second, false, 1},
		{"one too many is not late", nil, 2, -time.Second, false, 0},
		{"time for most answers", nil, 1, 500 * time.Millisecond, true, 0},
		{"time for the fastest twentieth", nil, 1, 50 * time.Millisecond, true, 0},
		{"for them, as far as is known", nil, 1, latency.Floor(50 * time.Millisecond), true, 0},
		{"not for them", nil, 1, latency.Floor(50*time.Millisecond) - 1, false, 1},
		{"with a fixed delay, too", []hedge.Option{hedge.After(time.Second)}, 1, 45 * time.Millisecond, false, 1},
	} {
		in(t, row.name, func(t *testing.T) {
			b := budget.New(budget.Share(1))
			for range 10 {
				b.Deposit()
			}
			p := hedge.New(append(row.options, hedge.Budget(b))...)
			for i := range 100 {
				answers(p, 1, time.Duration(i+1)*10*time.Millisecond)
			}
			look(p)

			assert.Equal(t, row.want, p.Launch(row.started, row.left))

			s := p.Snapshot()
			assert.Equal(t, row.late, s.Late)
			assert.Zero(t, s.Refused)
			if row.want {
				assert.EqualValues(t, 1, s.Launched)
				assert.EqualValues(t, 1, b.Snapshot().Spent)
			} else {
				assert.Zero(t, s.Launched)
				assert.Zero(t, b.Snapshot().Spent)
				assert.Zero(t, b.Snapshot().Refused, "nobody has asked it")
			}
		})
	}
}

// While it is not known how long answers take, any time may do.
func TestLaunchWithoutSamples(t *testing.T) {
	for _, p := range []*hedge.Policy{hedge.New(), hedge.New(hedge.After(time.Second))} {
		assert.True(t, p.Launch(1, 1))
		assert.False(t, p.Launch(1, 0))
	}
}

// Copies draw on what first attempts have earned, not on the floor: with little traffic nobody needs them.
func TestLaunchDrawsWhatIsEarned(t *testing.T) {
	b := budget.New() // a fifth, and a floor of one a second
	p := hedge.New(hedge.Budget(b), hedge.After(0))
	assert.False(t, p.Launch(1, noDeadline), "the floor is for retries")
	for range 10 {
		b.Deposit()
	}
	assert.True(t, p.Launch(1, noDeadline))
	assert.True(t, p.Launch(1, noDeadline))
	assert.False(t, p.Launch(1, noDeadline), "a fifth of ten is two")
	s := p.Snapshot()
	assert.EqualValues(t, 2, s.Launched)
	assert.EqualValues(t, 2, s.Refused)
	assert.Zero(t, s.Late)
}

// Without a budget every copy is granted: the pipeline that the policy stands in gives it one.
func TestLaunchWithoutABudget(t *testing.T) {
	p := hedge.New(hedge.After(0))
	for range 1000 {
		assert.True(t, p.Launch(1, noDeadline))
	}
	assert.EqualValues(t, 1000, p.Snapshot().Launched)
}
