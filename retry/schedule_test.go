package retry_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

const ms = time.Millisecond

// What each schedule says after the first attempts, and after absurdly many.
func TestSchedules(t *testing.T) {
	const longest = time.Duration(math.MaxInt64)
	const sec = time.Second
	type waits []time.Duration
	exp := retry.Exponential
	own := retry.Schedule(func(n int) time.Duration { return time.Duration(min(n, 3)) * ms })
	for _, row := range []struct {
		name   string
		option retry.Option
		first  waits
		late   time.Duration // after 10,000 attempts and after as many as there are
	}{
		{"the default", nil, waits{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5 * sec, 5 * sec}, 5 * sec},
		{"exponential", exp(ms, 10, time.Hour), waits{ms, 10 * ms, 100 * ms, sec, 10 * sec, 100 * sec}, time.Hour},
		{"exponential, by a fraction", exp(100*ms, 1.5, sec), waits{100 * ms, 150 * ms, 225 * ms, 337500 * time.Microsecond}, sec},
		{"exponential, by nothing", exp(ms, 1, time.Hour), waits{ms, ms, ms, ms}, ms},
		{"exponential, at its limit at once", exp(ms, 2, ms), waits{ms, ms, ms}, ms},
		{"exponential, steep", exp(1, math.MaxFloat64, longest-1), waits{1, longest - 1, longest - 1}, longest - 1},
		{"exponential, without a limit to speak of", exp(1, 2, longest-1), waits{1, 2, 4, 8}, longest - 1},
		{"constant", retry.Constant(7 * ms), waits{7 * ms, 7 * ms, 7 * ms}, 7 * ms},
		{"constant, at once", retry.Constant(0), waits{0, 0, 0}, 0},
		{"constant, for good", retry.Constant(longest - 1), waits{longest - 1, longest - 1}, longest - 1},
		{"linear", retry.Linear(10*ms, 5*ms, 22*ms), waits{10 * ms, 15 * ms, 20 * ms, 22 * ms, 22 * ms}, 22 * ms},
		{"linear, flat", retry.Linear(10*ms, 0, time.Hour), waits{10 * ms, 10 * ms, 10 * ms}, 10 * ms},
		{"linear, steep", retry.Linear(1, longest, longest-1), waits{1, longest - 1, longest - 1}, longest - 1},
		{"its own", own, waits{ms, 2 * ms, 3 * ms, 3 * ms}, 3 * ms},
	} {
		t.Run(row.name, func(t *testing.T) {
			options := []retry.Option{retry.UnlimitedAttempts(), retry.NoJitter()}
			if row.option != nil {
				options = append(options, row.option)
			}
			p := retry.New(options...)
			for i, want := range row.first {
				wait, stop := next(p, i+1, errDown)
				require.NoError(t, stop)
				assert.Equal(t, want, wait, "after attempt %d", i+1)
			}
			for _, attempt := range []int{10_000, math.MaxInt32, math.MaxInt - 1} {
				wait, stop := next(p, attempt, errDown)
				require.NoError(t, stop)
				assert.Equal(t, row.late, wait, "after attempt %d", attempt)
			}
		})
	}
}

// From the first attempt to the ten-thousandth a schedule never falls, and never leaves what it was given.
func TestSchedulesRise(t *testing.T) {
	for name, option := range map[string]retry.Option{
		"exponential": retry.Exponential(ms, 1.01, 10*time.Second),
		"linear":      retry.Linear(ms, 1, 10*time.Second),
		"constant":    retry.Constant(ms),
	} {
		t.Run(name, func(t *testing.T) {
			p := retry.New(retry.UnlimitedAttempts(), retry.NoJitter(), option)
			previous := ms
			for attempt := 1; attempt <= 10_000; attempt++ {
				wait, stop := next(p, attempt, errDown)
				require.NoError(t, stop)
				require.GreaterOrEqual(t, wait, previous)
				require.LessOrEqual(t, wait, 10*time.Second)
				previous = wait
			}
		})
	}
}

// A function of one's own is asked for each repeat by its number, and ends the call where it says less than zero. Its times are meant:
// they are jittered only on request.
func TestAScheduleOfOnesOwn(t *testing.T) {
	var asked []int
	p := retry.New(retry.UnlimitedAttempts(), retry.Schedule(func(n int) time.Duration {
		asked = append(asked, n)
		return []time.Duration{time.Second, 0, -1}[n-1]
	}))
	for attempt, want := range []time.Duration{time.Second, 0} {
		wait, stop := next(p, attempt+1, errDown)
		require.NoError(t, stop)
		assert.Equal(t, want, wait)
	}
	_, stop := next(p, 3, errDown)
	assert.Same(t, retry.ErrSchedule, stop)
	assert.Equal(t, []int{1, 2, 3}, asked)
}

// Where the dependency is overloaded, the wait begins with a longer base, and grows and is limited as ever.
func TestOverloadBase(t *testing.T) {
	overloaded := fault.Overload(errDown, 0)
	const sec = time.Second
	type waits []time.Duration
	type options []retry.Option
	own := func(wait time.Duration) retry.Option { return retry.Schedule(func(int) time.Duration { return wait }) }
	for _, row := range []struct {
		name    string
		options options
		want    waits
	}{
		{"the default", nil, waits{sec, 2 * sec, 4 * sec, 5 * sec, 5 * sec}},
		{"none", options{retry.OverloadBase(0)}, waits{100 * ms, 200 * ms}},
		{"shorter than the schedule's", options{retry.OverloadBase(ms)}, waits{100 * ms, 200 * ms}},
		{"above the limit: it is the wait", options{retry.OverloadBase(time.Minute)}, waits{time.Minute, time.Minute}},
		{"set before the schedule", options{retry.OverloadBase(2 * sec), retry.Exponential(ms, 2, time.Hour)}, waits{2 * sec, 4 * sec}},
		{"linear", options{retry.Linear(ms, 100*ms, time.Hour)}, waits{sec, 1100 * ms, 1200 * ms}},
		{"constant", options{retry.Constant(ms)}, waits{sec, sec}},
		{"a longer constant", options{retry.Constant(time.Minute)}, waits{time.Minute}},
		{"at once", options{retry.Constant(0)}, waits{sec}},
		{"one's own", options{own(ms)}, waits{sec}},
		{"a longer one of one's own", options{own(time.Minute)}, waits{time.Minute}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := retry.New(append([]retry.Option{retry.UnlimitedAttempts(), retry.NoJitter()}, row.options...)...)
			for i, want := range row.want {
				wait, stop := next(p, i+1, overloaded)
				require.NoError(t, stop)
				assert.Equal(t, want, wait, "after attempt %d", i+1)
			}
			again, _ := next(p, 1, errDown)
			first, _ := next(retry.New(append([]retry.Option{retry.NoJitter()}, row.options...)...), 1, errDown)
			assert.Equal(t, first, again, "another failure is not made to wait for it")
		})
	}
}

// A classifier that says overload is heard, whatever the error is.
func TestOverloadBaseGoesByTheClass(t *testing.T) {
	wait, stop := next(retry.New(retry.NoJitter(), says(fault.ClassOverload)), 1, errDown)
	require.NoError(t, stop)
	assert.Equal(t, time.Second, wait)
}

func TestString(t *testing.T) {
	for _, row := range []struct {
		want    string
		options []retry.Option
	}{
		{"3 attempts, full jitter under 100ms growing 2-fold to 5s, on transient, timeout, overload", nil},
		{
			"1 attempt, no jitter under 1s, on transient, timeout, overload",
			[]retry.Option{retry.Attempts(1), retry.Constant(time.Second), retry.NoJitter()},
		},
		{
			"any number of attempts, equal jitter under 1s rising by 2s to 10s, within 1m0s, on permanent, rejected",
			[]retry.Option{
				retry.UnlimitedAttempts(), retry.Linear(time.Second, 2*time.Second, 10*time.Second), retry.EqualJitter(),
				retry.Elapsed(time.Minute), retry.On(fault.ClassRejected, fault.ClassPermanent),
			},
		},
		{
			"3 attempts, decorrelated jitter from 1s to 10s, on transient, timeout, overload",
			[]retry.Option{retry.Decorrelated(time.Second, 10*time.Second)},
		},
		{
			"3 attempts, a schedule of its own, on overload",
			[]retry.Option{retry.Schedule(func(int) time.Duration { return 0 }), retry.On(fault.ClassOverload)},
		},
	} {
		assert.Equal(t, row.want, retry.New(row.options...).String())
	}
	assert.Equal(t, "retry", retry.New().Name())
	assert.Equal(t, "again", retry.New(retry.Name("again")).Name())
	assert.Equal(t, "1 attempt, full jitter under 100ms growing 2-fold to 5s, on transient, timeout, overload",
		fmt.Sprint(retry.New(retry.Attempts(1))))
}
