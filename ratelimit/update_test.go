package ratelimit_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/ratelimit"
)

// What is tuned is what one sees, at once, everywhere.
func TestUpdateIsSeenEverywhere(t *testing.T) {
	l := ratelimit.New(100, 10, ratelimit.Name("stock"))
	require.NoError(t, l.Update(ratelimit.Limit(50), ratelimit.Burst(5), ratelimit.Wait(time.Second), ratelimit.Name("stock")))
	assert.Equal(t, "50/s in bursts of 5, waits up to 1s", l.String())
	assert.Equal(t, ratelimit.Snapshot{Name: "stock", Limit: 50, Burst: 5, Tokens: 5}, l.Snapshot())
	_, wait := l.Worst()
	assert.Equal(t, time.Second, wait)
	require.NoError(t, l.Update())
	assert.Equal(t, "50/s in bursts of 5, waits up to 1s", l.String(), "nothing was asked for")
	require.NoError(t, l.Update(ratelimit.NoWait(), ratelimit.Limit(rate.Inf)))
	assert.Equal(t, "no limit", l.String())
	_, wait = l.Worst()
	assert.Zero(t, wait)
	assert.Equal(t, "7/s in bursts of 3", ratelimit.New(1, 1, ratelimit.Limit(7), ratelimit.Burst(3)).String(), "New takes them too")
}

// Nonsense changes nothing, not even what made sense beside it, and is refused as by Validate.
func TestUpdateRefuses(t *testing.T) {
	type options = []ratelimit.Option
	const (
		limits = "must be given a limit of at least 1e-09 a second; rate.Inf is no limit"
		bursts = "must be given a burst of at least 1: a bucket that holds no token lets nothing through"
	)
	for _, row := range []struct {
		options options
		want    string
		fine    bool // for New
	}{
		{options{ratelimit.Limit(0)}, "ratelimit: Limit(0): " + limits, false},
		{options{ratelimit.Limit(-1)}, "ratelimit: Limit(-1): " + limits, false},
		{options{ratelimit.Limit(rate.Limit(math.NaN()))}, "ratelimit: Limit(NaN): " + limits, false},
		{options{ratelimit.Limit(9e-10)}, "ratelimit: Limit(9e-10): " + limits, false},
		{options{ratelimit.Burst(0)}, "ratelimit: Burst(0): " + bursts, false},
		{options{ratelimit.Burst(-1)}, "ratelimit: Burst(-1): " + bursts, false},
		{options{ratelimit.Wait(0)}, "ratelimit: Wait(0s): must be above zero", false},
		{options{nil}, "ratelimit: option 1 is nil: leave it out instead", false},
		{options{ratelimit.Name("")}, `ratelimit: Name(""): must be a name`, false},
		{options{ratelimit.Name("b")}, `ratelimit: Name("b"): "a" is in use under its name: make another limiter`, true},
		{
			options{ratelimit.Limit(5), ratelimit.Burst(0), nil, ratelimit.Wait(7), ratelimit.Name("b")},
			"ratelimit: Burst(0): " + bursts + "\nratelimit: option 3 is nil: leave it out instead\n" +
				`ratelimit: Name("b"): "a" is in use under its name: make another limiter`, true,
		},
	} {
		t.Run(row.want, func(t *testing.T) {
			l := ratelimit.New(1, 2, ratelimit.Name("a"), ratelimit.Wait(time.Second))
			require.EqualError(t, l.Update(row.options...), row.want)
			assert.Equal(t, "1/s in bursts of 2, waits up to 1s", l.String())
			assert.Equal(t, "a", l.Name())
			if !row.fine {
				require.EqualError(t, ratelimit.Validate(1, 2, row.options...), row.want)
			}
		})
	}
}

// The program's own rate.Limiter is tuned by the program. How long calls wait is the limiter's.
func TestUpdateOfTheProgramsOwn(t *testing.T) {
	bucket := rate.NewLimiter(1, 2)
	l := ratelimit.From(bucket)
	const (
		limit = "ratelimit: Limit(5): must be left out for a rate.Limiter of the program's own: use its SetLimit"
		burst = "ratelimit: Burst(5): must be left out for a rate.Limiter of the program's own: use its SetBurst"
	)
	require.EqualError(t, l.Update(ratelimit.Wait(time.Minute), ratelimit.Limit(5)), limit)
	require.EqualError(t, l.Update(ratelimit.Burst(5), ratelimit.Wait(time.Minute)), burst)
	assert.Equal(t, "1/s in bursts of 2", l.String())
	assert.PanicsWithError(t, limit+"\n"+burst, func() { ratelimit.From(bucket, ratelimit.Limit(5), ratelimit.Burst(5)) })
	bucket.SetLimit(3)
	bucket.SetBurst(4)
	require.NoError(t, l.Update(ratelimit.Wait(time.Minute)))
	assert.Equal(t, "3/s in bursts of 4, waits up to 1m0s", l.String(), "and the bucket is as the program has it")
	require.NoError(t, l.Update(ratelimit.NoWait()))
	assert.Equal(t, "3/s in bursts of 4", l.String())
}

// asked is a context that does something when it is asked for its deadline.
type asked struct {
	context.Context
	do func()
}

func (a asked) Deadline() (time.Time, bool) {
	a.do()
	return a.Context.Deadline()
}

// A call meets the settings of one moment, and an Update in the middle of it is no exception.
func TestACallMeetsTheSettingsOfOneMoment(t *testing.T) {
	for _, row := range []struct {
		name    string
		options []ratelimit.Option
		waits   time.Duration
		why     ratelimit.Reason
		left    time.Duration // until the deadline
	}{
		{"no wait", []ratelimit.Option{ratelimit.NoWait(), ratelimit.Limit(100)}, 0, ratelimit.ReasonNoToken, time.Hour},
		{"a shorter wait", []ratelimit.Option{ratelimit.Wait(ms), ratelimit.Limit(100)}, 0, ratelimit.ReasonLongWait, time.Hour},
		{"a longer wait", []ratelimit.Option{ratelimit.Wait(4 * time.Second), ratelimit.Limit(0.25)}, 4 * time.Second, 0, time.Hour},
		{"a deadline", []ratelimit.Option{ratelimit.Wait(4 * time.Second), ratelimit.Limit(0.25)}, 0, ratelimit.ReasonDeadline, time.Second},
	} {
		in(t, row.name, func(t *testing.T) {
			l := ratelimit.New(1, 1, ratelimit.Wait(2*time.Second))
			take(t, l, 1)
			ctx, cancel := context.WithTimeout(t.Context(), row.left)
			defer cancel()
			start := time.Now()
			_, err := l.Acquire(asked{ctx, func() { assert.NoError(t, l.Update(row.options...)) }})
			assert.Equal(t, row.why, reason(err))
			assert.Equal(t, row.waits, time.Since(start))
		})
	}
}

// during is an option in the middle of which something happens.
func during[C any](option func(*C) error, do func()) func(*C) error {
	return func(c *C) error {
		do()
		return option(c)
	}
}

// Options are the caller's code, and run under no lock: calls go on, and another Update meanwhile is not lost.
func TestOptionsRunUnderNoLock(t *testing.T) {
	l := ratelimit.New(1, 1)
	var once sync.Once
	require.NoError(t, l.Update(during(ratelimit.Burst(5), func() {
		once.Do(func() {
			take(t, l, 1)
			assert.NoError(t, l.Update(ratelimit.Limit(7), ratelimit.Wait(time.Second)))
		})
	})))
	assert.Equal(t, "7/s in bursts of 5, waits up to 1s", l.String())
}
