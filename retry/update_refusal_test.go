package retry_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// What makes no sense is refused as New refuses it, and what pipelines were made with does not change. Then nothing does.
func TestUpdateRefuses(t *testing.T) {
	type options []retry.Option
	for _, row := range []struct {
		options options
		want    string
	}{
		{options{retry.Attempts(0)}, "retry: Attempts(0): must be at least 1"},
		{options{retry.Constant(-1)}, "retry: Constant(-1ns): must be zero or above"},
		{options{retry.Elapsed(0)}, "retry: Elapsed(0s): must be above zero"},
		{options{retry.Classify(nil)}, "retry: Classify(nil): must be a function from an error to its class"},
		{options{nil}, "retry: option 1 is nil: leave it out instead"},
		{options{retry.Name("")}, `retry: Name(""): must be a name`},
		{options{retry.Name("other")}, `retry: Name("other"): "again" is in use under its name: make another retry`},
		{
			options{retry.Budget(budget.Unlimited())},
			`retry: Budget(another): "again" is in pipelines that deposit into the one that it has: make another retry`,
		},
		{options{retry.Budget(nil)}, "retry: Budget(nil): must be a budget: budget.New(), budget.Unlimited(), budget.None()"},
		{
			options{retry.OnRetry(func(retry.Event) { panic("told") })},
			`retry: OnRetry(a function): the listeners of "again" were set when it was made: give it to New`,
		},
		{options{retry.OnRetry(nil)}, "retry: OnRetry(nil): must be a function"},
		{
			options{retry.Attempts(0), retry.Attempts(5), nil, retry.Name("other")},
			"retry: Attempts(0): must be at least 1\nretry: option 3 is nil: leave it out instead\n" +
				`retry: Name("other"): "again" is in use under its name: make another retry`,
		},
	} {
		t.Run(row.want, func(t *testing.T) {
			p := retry.New(retry.Name("again"), retry.Attempts(2))
			before := p.String()
			require.EqualError(t, p.Update(row.options...), row.want)
			sense := options{retry.Attempts(5), retry.Constant(time.Hour), retry.Elapsed(time.Hour), says(fault.ClassPermanent)}
			require.EqualError(t, p.Update(append(append(options{}, row.options...), sense...)...), errorOf(p, row.options...))
			require.Error(t, p.Update(append(sense, row.options...)...))
			assert.Equal(t, before, p.String())
			assert.Equal(t, "again", p.Name())
			assert.Nil(t, p.Budget())
			wait, stop := next(p, 1, errDown)
			require.NoError(t, stop, "the classifier is as it was, and nobody listens")
			assert.LessOrEqual(t, wait, 100*ms)
		})
	}
}

func errorOf(p *retry.Policy, options ...retry.Option) string { return p.Update(options...).Error() }

// One list of options can serve New and Update: what a retry is already, it may be.
func TestUpdateTakesWhatIsSetAlready(t *testing.T) {
	b := budget.New()
	options := []retry.Option{retry.Name("again"), retry.Budget(b), retry.Attempts(5)}
	p := retry.New(options...)
	require.NoError(t, p.Update(append(options, retry.Constant(time.Second))...))
	assert.Equal(t, "5 attempts, full jitter under 1s, on transient, timeout, overload", p.String())
	assert.Same(t, b, p.Budget())
	assert.NoError(t, retry.New().Update(retry.Name("retry")))
}
