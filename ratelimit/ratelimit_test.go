package ratelimit_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile/ratelimit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	ms = time.Millisecond
	// unknown is a hint that there is none.
	unknown time.Duration = -1
)

// call is a call that comes, and what the limiter makes of it.
type call struct {
	at       time.Duration // from the beginning
	deadline time.Duration // of the caller, from then on; zero for none
	leaves   time.Duration // after this time, if it is not zero

	waits time.Duration    // before it goes or is refused
	why   ratelimit.Reason // it is refused, zero where it is not
	hint  time.Duration    // of the refusal
}

// play lets calls come, each when it does, and says what becomes of each.
func play(t *testing.T, l *ratelimit.Limiter, calls []call) {
	t.Helper()
	start := time.Now()
	var all sync.WaitGroup
	for i, c := range calls {
		time.Sleep(time.Until(start.Add(c.at)))
		all.Go(func() {
			ctx := t.Context()
			if c.deadline != 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.deadline)
				defer cancel()
			}
			if c.leaves != 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithCancel(ctx)
				timer := time.AfterFunc(c.leaves, cancel)
				defer cancel()
				defer timer.Stop()
			}
			came := time.Now()
			_, err := l.Acquire(ctx)
			assert.Equal(t, c.waits, time.Since(came), "call %d waits", i)
			assert.Equal(t, c.why, reason(err), "call %d: %v", i, err)
			if limited, ok := errors.AsType[*ratelimit.LimitedError](err); ok {
				after, known := limited.RetryAfter()
				assert.Equal(t, c.hint != unknown, known, "call %d: hint %v", i, after)
				assert.Equal(t, max(c.hint, 0), after, "call %d: hint", i)
			}
		})
		synctest.Wait()
	}
	all.Wait()
	assert.Zero(t, l.Snapshot().Waiting)
}

// reason returns why a call was refused, zero if it was not.
func reason(err error) ratelimit.Reason {
	if limited, ok := errors.AsType[*ratelimit.LimitedError](err); ok {
		return limited.Reason
	}
	return 0
}

// in runs a test in a bubble of its own.
func in(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func TestDecisions(t *testing.T) {
	const (
		none     = ratelimit.ReasonNoToken
		long     = ratelimit.ReasonLongWait
		deadline = ratelimit.ReasonDeadline
		canceled = ratelimit.ReasonCanceled
		never    = ratelimit.ReasonNever
	)
	const (
		tick = time.Second / 4 // of a limit of 4
		bit  = tick / 8

		slowest = 1e-9
		age     = 1e9*time.Second + 896 // and what such numbers are rounded by
	)
	waiting := func(most time.Duration) []ratelimit.Option { return []ratelimit.Option{ratelimit.Wait(most)} }
	for _, row := range []struct {
		name    string
		limit   rate.Limit
		burst   int
		options []ratelimit.Option
		calls   []call
	}{
		{"a burst, and then at the rate", 4, 3, nil, []call{
			{}, {}, {}, {why: none, hint: tick},
			{at: tick / 2, why: none, hint: tick / 2},
			{at: tick - 2, why: none, hint: 2},
			{at: tick}, {at: tick, why: none, hint: tick},
			{at: 3 * tick}, {at: 3 * tick}, {at: 3 * tick, why: none, hint: tick},
		}},
		{"a quiet time earns the burst, and no more", 4, 3, nil, []call{
			{}, {}, {}, {at: time.Hour}, {at: time.Hour}, {at: time.Hour}, {at: time.Hour, why: none, hint: tick},
		}},
		{"a rate of thirds", 3, 1, nil, []call{
			{}, {why: none, hint: 333333333}, {at: 333333331, why: none, hint: 2}, {at: 333333333}, {at: 333333333, why: none, hint: 333333334},
		}},
		{"without Wait a deadline is not looked at", 4, 1, nil, []call{{deadline: 1}, {deadline: 1, why: none, hint: tick}}},

		{"they wait in turn", 4, 1, waiting(time.Hour), []call{
			{}, {waits: tick}, {waits: 2 * tick}, {at: tick / 2, waits: 5 * tick / 2}, {at: 4 * tick}, {at: 9 * tick / 2, waits: tick / 2},
		}},
		{"no longer than allowed", 4, 1, waiting(2 * tick), []call{
			{}, {waits: tick}, {waits: 2 * tick}, {why: long, hint: 3 * tick},
			{at: tick - 2, why: long, hint: 2*tick + 2}, {at: tick, waits: 2 * tick},
		}},
		{"a wait that cannot end before the deadline is refused at once, and takes nothing", 4, 1, waiting(time.Hour), []call{
			{}, {deadline: tick, why: deadline, hint: tick}, {deadline: tick + 1, waits: tick},
			{deadline: tick, why: deadline, hint: 2 * tick}, {deadline: time.Minute, waits: 2 * tick},
		}},
		{"what is too long and after the deadline is too long", 4, 1, waiting(tick / 2), []call{
			{}, {deadline: tick / 2, why: long, hint: tick},
		}},
		{"any wait", slowest, 1, waiting(math.MaxInt64), []call{
			{}, {deadline: time.Hour, why: deadline, hint: age}, {leaves: time.Hour, waits: time.Hour, why: canceled, hint: unknown},
			{at: age},
		}},

		{"who leaves alone has taken nothing", 4, 1, waiting(time.Hour), []call{
			{}, {leaves: tick / 2, waits: tick / 2, why: canceled, hint: unknown}, {at: tick}, {at: tick + bit, waits: 7 * bit},
		}},
		{"who leaves last has taken nothing", 4, 1, waiting(time.Hour), []call{
			{}, {waits: tick}, {leaves: tick / 2, waits: tick / 2, why: canceled, hint: unknown},
			{at: 5 * bit, waits: 11 * bit}, {at: 6 * bit, waits: 18 * bit},
		}},
		{"when all have left, from behind, nobody has taken anything", 4, 2, waiting(time.Hour), []call{
			{}, {},
			{leaves: 3 * bit, waits: 3 * bit, why: canceled, hint: unknown},
			{leaves: 2 * bit, waits: 2 * bit, why: canceled, hint: unknown},
			{leaves: bit, waits: bit, why: canceled, hint: unknown},
			{at: 2 * tick}, {at: 2 * tick}, {at: 2 * tick, waits: tick},
		}},
		{"nor when they leave from the front", 4, 2, waiting(time.Hour), []call{
			{}, {},
			{leaves: bit, waits: bit, why: canceled, hint: unknown},
			{leaves: 2 * bit, waits: 2 * bit, why: canceled, hint: unknown},
			{leaves: 3 * bit, waits: 3 * bit, why: canceled, hint: unknown},
			{at: 2 * tick}, {at: 2 * tick}, {at: 2 * tick, waits: tick},
		}},
		{"where times are rounded, and not all tokens go back, turns are kept", 60, 1, waiting(time.Hour), []call{
			{},
			{leaves: 6 * ms, waits: 6 * ms, why: canceled, hint: unknown},
			{leaves: 5 * ms, waits: 5 * ms, why: canceled, hint: unknown},
			{leaves: 4 * ms, waits: 4 * ms, why: canceled, hint: unknown},
			{leaves: 3 * ms, waits: 3 * ms, why: canceled, hint: unknown},
			{leaves: 2 * ms, waits: 2 * ms, why: canceled, hint: unknown},
			{at: 8 * ms, waits: 16666666 - 8*ms}, {at: 8 * ms, waits: 33333333 - 8*ms}, {at: 8 * ms, waits: 50*ms - 8*ms},
		}},
		{"the turn of one who leaves is the next caller's", 4, 1, waiting(time.Hour), []call{
			{}, {leaves: bit, waits: bit, why: canceled, hint: unknown}, {waits: 2 * tick},
			{at: 2 * bit, waits: 6 * bit}, {at: 3 * bit, waits: 21 * bit},
		}},
		{"the earliest of several", 4, 1, waiting(time.Hour), []call{
			{},
			{leaves: 2 * bit, waits: 2 * bit, why: canceled, hint: unknown},
			{leaves: bit, waits: bit, why: canceled, hint: unknown},
			{waits: 3 * tick},
			{at: 3 * bit, waits: 5 * bit}, {at: 4 * bit, waits: 12 * bit}, {at: 5 * bit, waits: 27 * bit},
		}},
		{"it may be given up once more", 4, 1, waiting(time.Hour), []call{
			{}, {leaves: bit, waits: bit, why: canceled, hint: unknown}, {waits: 2 * tick},
			{at: 2 * bit, leaves: bit, waits: bit, why: canceled, hint: unknown}, {at: 4 * bit, waits: 4 * bit},
		}},
		{"and goes back, where the later ones have", 4, 2, waiting(time.Hour), []call{
			{}, {}, {leaves: bit, waits: bit, why: canceled, hint: unknown}, {leaves: 4 * bit, waits: 4 * bit, why: canceled, hint: unknown},
			{at: 2 * bit, leaves: 3 * bit, waits: 3 * bit, why: canceled, hint: unknown},
			{at: 2 * tick}, {at: 2 * tick}, {at: 2 * tick, waits: tick},
		}},
		{"it is taken at the last moment", 4, 1, waiting(time.Hour), []call{
			{}, {leaves: bit, waits: bit, why: canceled, hint: unknown}, {waits: 2 * tick}, {at: tick}, {at: tick, waits: 2 * tick},
		}},
		{"and is not there a moment later", 4, 1, waiting(time.Hour), []call{
			{}, {leaves: bit, waits: bit, why: canceled, hint: unknown}, {waits: 2 * tick}, {at: tick + 2, waits: 2*tick - 2},
		}},
		{"it is for who has the time", 4, 1, waiting(2 * tick), []call{
			{}, {leaves: bit, waits: bit, why: canceled, hint: unknown}, {waits: 2 * tick},
			{at: 2 * bit, deadline: 6 * bit, why: deadline, hint: 22 * bit}, {at: 2 * bit, deadline: 6*bit + 1, waits: 6 * bit},
			{at: 2 * bit, why: long, hint: 22 * bit},
		}},
		{"no limit", rate.Inf, 1, nil, []call{{}, {}, {}, {}}},
		{"a limit near it", rate.Inf / 2, 1, nil, []call{{}, {at: 1}, {at: 2}}},
		{"the slowest", slowest, 2, nil, []call{
			{}, {}, {why: none, hint: age}, {at: age},
		}},
	} {
		in(t, row.name, func(t *testing.T) { play(t, ratelimit.New(row.limit, row.burst, row.options...), row.calls) })
	}

	// What New refuses, a rate.Limiter may be tuned to.
	for _, row := range []struct {
		name  string
		limit rate.Limit
		burst int
		calls []call
	}{
		{"zero", 0, 2, []call{{}, {}, {why: never, hint: unknown}, {at: time.Hour, why: never, hint: unknown}}},
		{"less than zero", -1, 1, []call{{}, {why: never, hint: unknown}}},
		{"a burst of zero", 10, 0, []call{{why: never, hint: unknown}, {at: time.Hour, why: never, hint: unknown}}},
		{"a burst of zero without a limit", rate.Inf, 0, []call{{}, {}}},
		{"longer than time lasts", 1e-10, 1, []call{{}, {why: never, hint: unknown}}},
		{"the smallest number there is", 5e-324, 1, []call{{}, {why: never, hint: unknown}}},
	} {
		in(t, row.name, func(t *testing.T) {
			play(t, ratelimit.From(rate.NewLimiter(row.limit, row.burst)), row.calls)
		})
		in(t, row.name+", waiting", func(t *testing.T) {
			play(t, ratelimit.From(rate.NewLimiter(row.limit, row.burst), ratelimit.Wait(math.MaxInt64)), row.calls)
		})
	}
}

// A context that has ended gets no token, whether there is one or not.
func TestOverBeforeItBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, options := range [][]ratelimit.Option{nil, {ratelimit.Wait(time.Hour)}} {
			l := ratelimit.New(1, 2, options...)
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errGone)
			for range 5 {
				_, err := l.Acquire(ctx)
				assert.Equal(t, ratelimit.ReasonCanceled, reason(err))
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, errGone)
			}
			assert.Equal(t, ratelimit.Snapshot{Name: "ratelimit", Limit: 1, Burst: 2, Tokens: 2, Refused: 5}, l.Snapshot())
		}
	})
}

var errGone = errors.New("gone home")

// A call that is over at the moment when its turn comes does not go, and leaves its token.
func TestOverWhenItsTurnComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(1, 1, ratelimit.Wait(time.Hour))
		_, err := l.Acquire(t.Context())
		require.NoError(t, err)
		_, err = l.Acquire(quiet{t.Context(), time.Now().Add(time.Second)})
		assert.Equal(t, ratelimit.ReasonCanceled, reason(err))
		assert.Equal(t, ratelimit.Snapshot{Name: "ratelimit", Limit: 1, Burst: 1, Tokens: 1, Refused: 1}, l.Snapshot())
	})
}

// quiet is a context that ends without telling anybody.
type quiet struct {
	context.Context
	at time.Time
}

func (q quiet) Err() error {
	if time.Now().Before(q.at) {
		return nil
	}
	return context.Canceled
}

// A context that panics while its call waits leaves no trace.
func TestAPanicWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(1, 1, ratelimit.Wait(time.Hour))
		_, err := l.Acquire(t.Context())
		require.NoError(t, err)
		assert.PanicsWithValue(t, "mine", func() { _, _ = l.Acquire(grumpy{t.Context()}) })
		assert.Equal(t, ratelimit.Snapshot{Name: "ratelimit", Limit: 1, Burst: 1}, l.Snapshot())
	})
}

// grumpy is a context that cannot be waited for.
type grumpy struct{ context.Context }

func (grumpy) Done() <-chan struct{} { panic("mine") }

// The end of a call changes nothing.
func TestRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(1, 3)
		for _, end := range []error{nil, errGone, context.Canceled} {
			token, err := l.Acquire(t.Context())
			require.NoError(t, err)
			before := l.Snapshot()
			l.Release(token, end)
			assert.Equal(t, before, l.Snapshot())
		}
		_, err := l.Acquire(t.Context())
		assert.Equal(t, ratelimit.ReasonNoToken, reason(err))
	})
}

// Turns that nobody takes are forgotten when they have passed, however many there were.
func TestTurnsThatPassAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(1, 1, ratelimit.Wait(time.Minute))
		round := func() {
			_, _ = l.Acquire(t.Context())
			ctx, leave := context.WithCancel(t.Context())
			var all sync.WaitGroup
			for _, ctx := range []context.Context{ctx, t.Context()} { // the one goes, and the other keeps its later turn
				all.Go(func() { _, _ = l.Acquire(ctx) })
				synctest.Wait()
			}
			leave()
			all.Wait()
			time.Sleep(time.Minute)
		}
		round()
		before := heap()
		for range 5000 {
			round()
		}
		assert.Less(t, heap(), before+100<<10)
		runtime.KeepAlive(l)
	})
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What can be read of a limiter while calls wait; reading changes nothing.
func TestSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(2, 3, ratelimit.Name("quota"), ratelimit.Wait(time.Second))
		assert.Equal(t, ratelimit.Snapshot{Name: "quota", Limit: 2, Burst: 3, Tokens: 3}, l.Snapshot())
		var all sync.WaitGroup
		for range 7 {
			all.Go(func() { _, _ = l.Acquire(t.Context()) })
		}
		synctest.Wait()
		want := ratelimit.Snapshot{Name: "quota", Limit: 2, Burst: 3, Tokens: -2, Waiting: 2, Refused: 2}
		assert.Equal(t, want, l.Snapshot())
		assert.Equal(t, want, l.Snapshot())
		time.Sleep(750 * ms)
		synctest.Wait()
		assert.Equal(t, ratelimit.Snapshot{Name: "quota", Limit: 2, Burst: 3, Tokens: -0.5, Waiting: 1, Refused: 2}, l.Snapshot())
		all.Wait()
		time.Sleep(time.Hour)
		assert.Equal(t, ratelimit.Snapshot{Name: "quota", Limit: 2, Burst: 3, Tokens: 3, Refused: 2}, l.Snapshot())
	})
}
