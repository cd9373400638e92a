package timeout_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// Whatever says something of the timeout says the new limit at once, in each pipeline that it stands in.
func TestUpdate(t *testing.T) {
	p := timeout.New(time.Second, timeout.Name("total"))
	pipelines := []*ductile.Pipeline{ductile.New("one", p), ductile.New("other", p)}
	require.NoError(t, p.Update(timeout.After(2*time.Second)))
	assert.Equal(t, 2*time.Second, p.Timeout(t.Context()))
	assert.Equal(t, 2*time.Second, p.Worst())
	assert.Equal(t, "2s", p.String())
	assert.Equal(t, "total", p.Name())
	for _, pipeline := range pipelines {
		assert.Equal(t, 2*time.Second, pipeline.Plan().Latency)
	}
	require.NoError(t, p.Update(), "which changes nothing")
	assert.Equal(t, "2s", p.String())
}

// New and Validate take After too, which has the last word.
func TestAfter(t *testing.T) {
	assert.Equal(t, "2s", timeout.New(time.Second, timeout.After(time.Minute), timeout.After(2*time.Second)).String())
	require.NoError(t, timeout.Validate(time.Second, timeout.After(1)))
	require.EqualError(t, timeout.Validate(time.Second, timeout.After(0)), "timeout: After(0s): must be above zero")
	require.EqualError(t, timeout.Validate(0, timeout.After(1)), "timeout: New(0s): must be above zero")
}

// A call keeps the limit that it began with, whether the new one is shorter or longer, and its error says which that was. The next call, and
// the next attempt of the same one, go by the new limit.
func TestACallKeepsItsLimit(t *testing.T) {
	for _, second := range []time.Duration{time.Second, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			p := timeout.New(10 * time.Second)
			var limits []time.Duration
			pipeline := ductile.New("p", retry.New(retry.Constant(0), retry.Attempts(2)), p)
			err := ductile.Run(t.Context(), pipeline, func(ctx context.Context) error {
				start := time.Now()
				time.Sleep(time.Millisecond)
				assert.NoError(t, p.Update(timeout.After(second)))
				<-ctx.Done()
				limits = append(limits, time.Since(start))
				var exceeded *timeout.Error
				assert.ErrorAs(t, context.Cause(ctx), &exceeded)
				assert.Equal(t, limits[len(limits)-1], exceeded.After)
				return ctx.Err()
			})
			assert.Equal(t, []time.Duration{10 * time.Second, second}, limits)
			var exceeded *timeout.Error
			require.ErrorAs(t, err, &exceeded)
			assert.Equal(t, second, exceeded.After)
		})
	}
}

// The error of a call is about the limit that it had, not about the one that has come since.
func TestTheErrorSaysTheLimitOfItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := timeout.New(time.Second)
		err := ductile.Run(t.Context(), ductile.New("p", p), func(ctx context.Context) error {
			assert.NoError(t, p.Update(timeout.After(time.Hour)))
			<-ctx.Done()
			return ctx.Err()
		})
		assert.EqualError(t, err, "timeout: no answer within 1s")
	})
}

// What returns too late is judged by the classifier of that moment; fault.Of as a classifier is none.
func TestUpdateClassify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := timeout.New(time.Second)
		pipeline := ductile.New("p", p)
		late := func(classifier fault.Classifier) error {
			return ductile.Run(t.Context(), pipeline, func(context.Context) error {
				time.Sleep(time.Minute)
				assert.NoError(t, p.Update(timeout.Classify(classifier)))
				return errDown
			})
		}
		assert.Same(t, errDown, late(func(error) fault.Class { return fault.ClassPermanent }))
		require.ErrorIs(t, late(fault.Of), timeout.ErrExceeded)
		assert.Equal(t, "1s", p.String(), "the limit is as it was")
	})
}

// What makes no sense is refused as New refuses it, and what pipelines were made with does not change. Then nothing does.
func TestUpdateRefuses(t *testing.T) {
	from := func(context.Context) time.Duration { return time.Minute }
	waits := timeout.New(time.Second, timeout.Name("total"))
	for _, row := range []struct {
		policy  *timeout.Policy
		options []timeout.Option
		want    string
	}{
		{waits, []timeout.Option{timeout.After(0)}, "timeout: After(0s): must be above zero"},
		{waits, []timeout.Option{timeout.After(-1)}, "timeout: After(-1ns): must be above zero"},
		{waits, []timeout.Option{timeout.Classify(nil)}, "timeout: Classify(nil): must be a function from an error to its class"},
		{waits, []timeout.Option{timeout.Name("")}, `timeout: Name(""): must be a name`},
		{waits, []timeout.Option{timeout.Name("attempt")}, `timeout: Name("attempt"): "total" is in use under its name: make another timeout`},
		{
			waits, []timeout.Option{timeout.Detached()},
			`timeout: Detached(): "total" is in pipelines that were made for one that waits: make another timeout`,
		},
		{
			waits, []timeout.Option{timeout.After(time.Hour), nil, timeout.After(0)},
			"timeout: option 2 is nil: leave it out instead\ntimeout: After(0s): must be above zero",
		},
		{
			timeout.From(from, timeout.Name("total")), []timeout.Option{timeout.After(2 * time.Second)},
			`timeout: After(2s): "total" asks a function for each call: change what that returns`,
		},
	} {
		t.Run(row.want, func(t *testing.T) {
			before, limit := row.policy.String(), row.policy.Timeout(t.Context())
			require.EqualError(t, row.policy.Update(row.options...), row.want)
			always := timeout.Classify(func(error) fault.Class { return fault.ClassPermanent })
			require.Error(t, row.policy.Update(append([]timeout.Option{timeout.After(time.Hour), always}, row.options...)...))
			assert.Equal(t, before, row.policy.String())
			assert.Equal(t, limit, row.policy.Timeout(t.Context()))
			assert.Equal(t, "total", row.policy.Name())
			require.ErrorIs(t, row.policy.Exceeded(1, errDown), timeout.ErrExceeded, "the classifier is as it was")
		})
	}
	assert.PanicsWithError(t, `timeout: After(2s): "timeout" asks a function for each call: change what that returns`, func() {
		timeout.From(from, timeout.After(2*time.Second))
	})
}

// One list of options can serve From and Update, or New and Update: what a timeout is already, it may be.
func TestUpdateTakesWhatIsSetAlready(t *testing.T) {
	options := []timeout.Option{timeout.Name("total"), timeout.Detached(), timeout.Classify(fault.Of)}
	asks := timeout.From(func(context.Context) time.Duration { return time.Minute }, options...)
	require.NoError(t, asks.Update(options...))
	assert.Equal(t, "asks how long for each call, detached", asks.String())
	p := timeout.New(time.Second, options...)
	require.NoError(t, p.Update(append(options, timeout.After(time.Minute))...))
	assert.Equal(t, "1m0s, detached", p.String())
	assert.True(t, p.Detached())
}

// Options so far are kept, whichever order they came in: a limit stays through an Update of the classifier, and the other way round.
func TestUpdatesAddUp(t *testing.T) {
	p := timeout.New(time.Second, timeout.Name("total"))
	require.NoError(t, p.Update(timeout.Classify(func(error) fault.Class { return fault.ClassPermanent })))
	require.NoError(t, p.Update(timeout.After(time.Minute)))
	require.NoError(t, p.Update(timeout.Name("total")))
	assert.Equal(t, "1m0s", p.String())
	assert.Equal(t, "total", p.Name())
	assert.Same(t, errDown, p.Exceeded(1, errDown))
}

// while returns an option that does something while it is applied.
func while[C any](option func(*C) error, do func()) func(*C) error {
	return func(c *C) error {
		do()
		return option(c)
	}
}

// An Update that is overtaken by another while its options are applied does not undo it, and does not keep it waiting.
func TestAnUpdateIsOvertaken(t *testing.T) {
	p, applied := timeout.New(time.Second), 0
	require.NoError(t, p.Update(while(timeout.After(time.Minute), func() {
		if applied++; applied == 1 {
			assert.NoError(t, p.Update(timeout.After(time.Hour), timeout.Classify(func(error) fault.Class { return fault.ClassPermanent })))
		}
	})))
	assert.Equal(t, 2, applied, "it began anew")
	assert.Equal(t, "1m0s", p.String(), "the last one wins")
	assert.Same(t, errDown, p.Exceeded(1, errDown), "and the other is not lost")
}
