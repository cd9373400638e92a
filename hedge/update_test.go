package hedge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// What is slow, and whether that is known, is judged anew at once, from the answers that are remembered.
func TestUpdateOfWhatIsSlow(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New()
		for i := range 200 { // enough for the 95th percentile
			answers(p, 1, time.Duration(i+1)*time.Millisecond)
		}
		look(p)
		knows(t, p, 190*time.Millisecond)
		require.NoError(t, p.Update(hedge.Percentile(0.5)))
		knows(t, p, 100*time.Millisecond)
		require.NoError(t, p.Update(hedge.Percentile(0.99)))
		knowsNothing(t, p, "which takes 500 unless set")
		require.NoError(t, p.Update(hedge.Percentile(0.5)))
		knows(t, p, 100*time.Millisecond)
		require.NoError(t, p.Update(hedge.MinSamples(201)))
		knowsNothing(t, p)
		answers(p, 1, time.Hour)
		knowsNothing(t, p, "it is due in a second")
		require.NoError(t, p.Update())
		knows(t, p, 100*time.Millisecond, "an update without options is one")
		require.NoError(t, p.Update(hedge.MinSamples(100), hedge.Percentile(0.99)))
		knows(t, p, 199*time.Millisecond)
		assert.EqualValues(t, 201, p.Snapshot().Samples)
	})
}

// Of the answers those are kept whose time is in both windows, to a third of the old one.
func TestUpdateOfTheWindow(t *testing.T) {
	in(t, "longer", func(t *testing.T) {
		p := hedge.New()
		answers(p, 100, time.Second)
		time.Sleep(5 * time.Second)
		require.NoError(t, p.Update(hedge.Window(time.Minute)))
		knows(t, p, time.Second)
		time.Sleep(55*time.Second - 1)
		p.Observe(0, errDown)
		knows(t, p, time.Second, "for longer than the old window")
		time.Sleep(time.Nanosecond)
		assert.Zero(t, p.Snapshot().Samples)
	})
	in(t, "shorter", func(t *testing.T) {
		p := hedge.New(hedge.Window(time.Minute))
		answers(p, 300, time.Second)
		time.Sleep(50 * time.Second)
		answers(p, 100, 10*time.Millisecond)
		look(p)
		knows(t, p, time.Second)
		require.NoError(t, p.Update(hedge.Window(9*time.Second)))
		knows(t, p, 10*time.Millisecond, "the others are too old now")
		assert.EqualValues(t, 100, p.Snapshot().Samples)
		time.Sleep(9 * time.Second)
		p.Observe(0, errDown)
		knowsNothing(t, p)
	})
	in(t, "how often it looks", func(t *testing.T) {
		p := hedge.New()
		require.NoError(t, p.Update(hedge.Window(3*time.Second)))
		answers(p, 100, time.Second)
		time.Sleep(time.Second / 10)
		p.Observe(0, errDown)
		knows(t, p, time.Second, "a thirtieth of the window")
	})
}

// While the delay is fixed answers are observed, too, so that it can be observed again at once.
func TestUpdateToAfterAndBack(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New()
		require.NoError(t, p.Update(hedge.After(time.Hour)))
		answers(p, 100, time.Second)
		delay, _ := p.Delay(1)
		assert.Equal(t, time.Hour, delay)
		assert.Contains(t, p.String(), "after 1h0m0s")
		require.NoError(t, p.Update(hedge.Percentile(0.9)))
		knows(t, p, time.Second)
		assert.Contains(t, p.String(), "after the p90 of the last 30s")
	})
}

func TestUpdateOfBounds(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New()
		answers(p, 100, time.Second)
		look(p)
		delay := func(options ...hedge.Option) time.Duration {
			require.NoError(t, p.Update(options...))
			delay, _ := p.Delay(1)
			assert.Equal(t, delay, p.Snapshot().Delay)
			return delay
		}
		assert.Equal(t, time.Millisecond, delay(hedge.MaxDelay(time.Millisecond)))
		assert.Equal(t, time.Microsecond, delay(hedge.MaxDelay(time.Microsecond)))
		_, shortest, longest := p.Worst()
		assert.Equal(t, time.Microsecond, shortest, "not set, it gives way")
		assert.Equal(t, time.Microsecond, longest)
		assert.Less(t, time.Second-1, delay(hedge.NoMaxDelay()))
		_, shortest, longest = p.Worst()
		assert.Equal(t, time.Millisecond, shortest, "and comes back")
		assert.Equal(t, noDeadline, longest)
		assert.Equal(t, time.Minute, delay(hedge.MinDelay(time.Minute)))
		require.EqualError(t, p.Update(hedge.MaxDelay(time.Second), hedge.Extra(3)), "hedge: MinDelay(1m0s): must be at most MaxDelay, which is 1s")
		assert.Equal(t, time.Minute, delay())
		copies, _, _ := p.Worst()
		assert.Equal(t, 2, copies, "what was refused has changed nothing")
	})
}

// What fixes what a hedge is, and to whom it belongs, stays.
func TestUpdateRefusesWhatCannotChange(t *testing.T) {
	b := budget.New()
	p := hedge.New(hedge.Name("reads"), hedge.Budget(b))
	before := p.String()
	for _, row := range []struct {
		options []hedge.Option
		want    string
	}{
		{[]hedge.Option{hedge.Extra(3), hedge.Name("writes")}, `hedge: Name("writes"): "reads" is in use under its name: make another hedge`},
		{
			[]hedge.Option{hedge.Extra(3), hedge.Budget(budget.None())},
			`hedge: Budget(another): "reads" is in pipelines with the budgets that they have: make another hedge`,
		},
		{[]hedge.Option{hedge.Extra(3), nil}, "hedge: option 2 is nil: leave it out instead"},
		{[]hedge.Option{hedge.Extra(3), hedge.MinSamples(0)}, "hedge: MinSamples(0): must be at least 1"},
	} {
		require.EqualError(t, p.Update(row.options...), row.want)
		assert.Equal(t, before, p.String())
	}
	require.NoError(t, p.Update(hedge.Name("reads"), hedge.Budget(b), hedge.Extra(3)), "what it has already is fine")
	assert.Equal(t, "reads", p.Name())
	assert.Same(t, b, p.Budget())
	assert.Contains(t, p.String(), "3 extra copies")

	pipelines := budget.New()
	bounded := p.WithBudget(pipelines).(*hedge.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
	require.Error(t, bounded.Update(hedge.Budget(b)), "that is another's")
	require.NoError(t, bounded.Update(hedge.Budget(pipelines)))
	require.NoError(t, p.Update(hedge.Budget(b)), "neither has the other's")
	require.Error(t, hedge.New().Update(hedge.Budget(b)), "it has none of its own")
}

// The copies that pipelines make are one hedge: an update of any is of all, and each keeps its budget.
func TestUpdateReachesPipelines(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New(hedge.Extra(0))
		bounded := p.WithBudget(budget.None()).(*hedge.Policy) //nolint:errcheck,forcetypeassert // a panic tells as much
		require.NoError(t, p.Update(hedge.Extra(1), hedge.After(time.Second)))
		delay, more := bounded.Delay(1)
		assert.True(t, more)
		assert.Equal(t, time.Second, delay)
		require.NoError(t, bounded.Update(hedge.After(time.Minute)))
		delay, _ = p.Delay(1)
		assert.Equal(t, time.Minute, delay)
		assert.True(t, p.Launch(1, noDeadline))
		assert.False(t, bounded.Launch(1, noDeadline))

		line := ductile.NewConcurrent("inventory", p)
		require.NoError(t, p.Update(hedge.Extra(4)))
		assert.Contains(t, line.String(), "4 extra copies after 1m0s")
	})
}

// How a class of error counts is decided when a copy ends.
func TestUpdateOfClasses(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New()
		observe := func() [2]bool {
			wins, next := p.Observe(0, errDown)
			return [2]bool{wins, next}
		}
		assert.Equal(t, [2]bool{false, true}, observe())
		require.NoError(t, p.Update(hedge.On(fault.ClassTimeout)))
		assert.Equal(t, [2]bool{false, false}, observe())
		require.NoError(t, p.Update(hedge.Classify(func(error) fault.Class { return fault.ClassPermanent })))
		assert.Equal(t, [2]bool{true, false}, observe())
		require.NoError(t, p.Update(hedge.Classify(fault.Of), hedge.On(fault.ClassTransient)))
		assert.Equal(t, [2]bool{false, true}, observe())
	})
}
