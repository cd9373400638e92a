package telemetry_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/telemetry"
)

// counting counts the callbacks that are registered with the meters of a provider.
type counting struct {
	metric.MeterProvider
	registered, ever atomic.Int64
}

func (c *counting) Meter(name string, options ...metric.MeterOption) metric.Meter {
	return countingMeter{c.MeterProvider.Meter(name, options...), c}
}

type countingMeter struct {
	metric.Meter
	*counting
}

func (m countingMeter) RegisterCallback(f metric.Callback, instruments ...metric.Observable) (metric.Registration, error) {
	r, err := m.Meter.RegisterCallback(f, instruments...)
	m.registered.Add(1)
	m.ever.Add(1)
	return &countedRegistration{Registration: r, counting: m.counting}, err
}

type countedRegistration struct {
	metric.Registration
	*counting
}

func (r *countedRegistration) Unregister() error {
	r.registered.Add(-1)
	return r.Registration.Unregister()
}

// newCounting returns a scene whose callbacks are counted.
func newCounting(t *testing.T, options ...telemetry.Option) (*scene, *counting) {
	s := newScene(t)
	c := &counting{MeterProvider: s.meters}
	s.Observer = telemetry.New(append([]telemetry.Option{
		telemetry.WithTracerProvider(s.tracers), telemetry.WithMeterProvider(c), telemetry.WithLogger(s.logs.logger()),
	}, options...)...)
	return s, c
}

// One callback reads all pipelines, while there are some; after the last has left nothing is read, and nothing is heard of a breaker.
func TestDetached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newCounting(t, telemetry.WithoutTraces())
		assert.Empty(t, s.metrics())
		assert.Zero(t, c.registered.Load())
		b := trips()
		p := ductile.New("inventory", retries(), bulkhead.New(1), b)
		one, two := p.With(s.Observer), p.With(s.Observer)
		three := two.With(s.Observer) // watched twice, and attached once more
		assert.EqualValues(t, 1, c.registered.Load())
		require.NotEmpty(t, s.metrics()["ductile.breaker.status"])

		one.Detach()
		one.Detach()
		three.Detach()
		assert.EqualValues(t, 1, c.registered.Load())
		b.Isolate("now")
		synctest.Wait()
		require.Len(t, s.metrics()["ductile.breaker.transitions"], 1)
		require.Len(t, s.logs.lines(), 1)

		two.Detach()
		assert.Zero(t, c.registered.Load())
		b.Reset()
		synctest.Wait()
		assert.Empty(t, s.logs.lines())
		for name := range s.metrics() {
			assert.Equal(t, "ductile.breaker.transitions", name, "nothing is read any more")
		}
		assert.Len(t, s.metrics()["ductile.breaker.transitions"], 1)

		_, _ = ductile.Do(ctx, one, s.script(fine)) // watched all the same
		assert.Len(t, s.metrics()["ductile.call.duration"], 1)
		assert.NotContains(t, s.metrics(), "ductile.call.active")

		again := p.With(s.Observer)
		assert.EqualValues(t, 1, c.registered.Load())
		assert.Equal(t, []string{"pipeline.name=inventory 0"}, s.metrics()["ductile.call.active"])
		b.Isolate("again")
		synctest.Wait()
		assert.Equal(t, "breaker.from=closed breaker.to=isolated pipeline.name=inventory policy.name=breaker 2", s.metrics()["ductile.breaker.transitions"][0])
		again.Detach()
		assert.Zero(t, c.registered.Load())
	})
}

// Whoever attaches without a Pipeline may detach as often as he likes.
func TestDetachTwice(t *testing.T) {
	s, c := newCounting(t)
	p := ductile.New("inventory", retries(), bulkhead.New(1))
	detach, other := s.Attach(p), s.Attach(p)
	detach()
	detach()
	assert.EqualValues(t, 1, c.registered.Load())
	assert.Contains(t, s.metrics(), "ductile.bulkhead.limit")
	other()
	assert.Zero(t, c.registered.Load())
}

// An observer that was never attached tells of calls, and has nothing to read.
func TestNotAttached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newCounting(t)
		p := ductile.New("inventory", trips()).With(justObserver{s.Observer})
		s.do(p, down)
		assert.Len(t, s.metrics(), 2)
		assert.Len(t, s.spans.Ended(), 3)
		assert.Zero(t, c.ever.Load())
		p.Detach()
	})
}

type justObserver struct{ ductile.Observer }

// Without metrics nothing is registered, and breakers are listened to all the same, for the logs.
func TestWithoutMetricsNothingIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newCounting(t, telemetry.WithoutMetrics())
		s.do(s.pipeline(trips()), down)
		synctest.Wait()
		assert.Empty(t, s.metrics())
		assert.Zero(t, c.ever.Load())
		assert.Len(t, s.logs.lines(), 2)
	})
}

// Thousands of pipelines that come and go leave nothing, and what was counted stays counted.
func TestKeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newCounting(t, telemetry.WithoutTraces())
		allowance := budget.New()
		hosts := keyed.New(func(int) *ductile.Pipeline {
			return ductile.New("upstream", retry.New(retry.Budget(allowance), retry.Constant(msec), retry.Attempts(2), retry.NoJitter()),
				bulkhead.New(1, bulkhead.Queue(1, time.Minute)), breaker.New()).With(s.Observer)
		}, keyed.Max(10), keyed.Idle(time.Hour))
		var waits, refused int
		for key := range 3000 {
			p := hosts.Get(key)
			for range 2 {
				go func() { _, _ = ductile.Do(ctx, p, s.script(step{time.Second, errDown})) }()
			}
			time.Sleep(5 * time.Second)
			if key%100 > 0 {
				continue
			}
			all := s.metrics()
			now := last(t, all["ductile.bulkhead.waits"])
			assert.Greater(t, now, waits, "a counter does not go down")
			waits = now
			now = last(t, all["ductile.budget.refusals"])
			assert.GreaterOrEqual(t, now, refused)
			refused = now
			assert.Len(t, all["ductile.bulkhead.limit"], 1)
			assert.LessOrEqual(t, last(t, all["ductile.bulkhead.limit"]), 10)
			assert.LessOrEqual(t, total(all), 40)
			assert.EqualValues(t, 1, c.registered.Load())
		}
		for _, p := range hosts.All() {
			p.Detach()
		}
		assert.Zero(t, c.registered.Load())
		assert.EqualValues(t, 1, c.ever.Load(), "registered once, not for each")
		for name := range s.metrics() {
			for _, read := range []string{"active", "status", "bulkhead", "budget"} {
				assert.NotContains(t, name, read)
			}
		}
		p := hosts.Get(-1) // another one: what the others have counted is not forgotten
		assert.GreaterOrEqual(t, last(t, s.metrics()["ductile.bulkhead.waits"]), waits)
		p.Detach()
	})
}

// What has left is not held any more.
func TestNothingHoldsWhatHasLeft(t *testing.T) {
	s := newScene(t, telemetry.WithoutTraces())
	stays := ductile.New("inventory", bulkhead.New(1)).With(s.Observer)
	leave := func() (weak.Pointer[bulkhead.Bulkhead], weak.Pointer[breaker.Breaker]) {
		hold, b := bulkhead.New(1), breaker.New()
		p := ductile.New("inventory", hold, b).With(s.Observer)
		s.do(p, down)
		s.metrics()
		p.Detach()
		return weak.Make(hold), weak.Make(b)
	}
	hold, b := leave()
	runtime.GC()
	assert.Nil(t, hold.Value())
	assert.Nil(t, b.Value())
	stays.Detach()
}

// last returns the number at the end of the only line.
func last(t *testing.T, lines []string) int {
	t.Helper()
	require.Len(t, lines, 1)
	n, err := strconv.Atoi(lines[0][strings.LastIndex(lines[0], " ")+1:])
	require.NoError(t, err)
	return n
}

// total returns how many series there are.
func total(all map[string][]string) (n int) {
	for _, points := range all {
		n += len(points)
	}
	return n
}

// A policy that leaves and comes again is not counted twice, and what happened meanwhile is not counted.
func TestComingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		hold := bulkhead.New(1, bulkhead.Queue(1, time.Minute))
		allowance := budget.None()
		p := ductile.New("inventory", hold, retries(retry.Budget(allowance)))
		wait := func() {
			go func() { _, _ = ductile.Do(ctx, p, s.script(step{time.Second, errDown})) }()
			synctest.Wait()
			_, _ = ductile.Do(ctx, p, s.script(down))
		}
		read := func() []int {
			all := s.metrics()
			return []int{last(t, all["ductile.bulkhead.waits"]), last(t, all["ductile.bulkhead.wait_time"]), last(t, all["ductile.budget.refusals"])}
		}
		wait() // before anybody looks
		for i := range 3 {
			watched := p.With(s.Observer)
			assert.Equal(t, []int{i, i, 2 * i}, read())
			wait()
			assert.Equal(t, []int{i + 1, i + 1, 2*i + 2}, read())
			watched.Detach()
			wait()
		}
	})
}

// Names of pipelines and policies that come from outside are told apart up to a bound. Above it they are one.
func TestNamesAreBounded(t *testing.T) {
	s := newScene(t, telemetry.WithoutTraces())
	for i := range 1500 {
		p := ductile.New(fmt.Sprint("host ", i)).With(s.Observer)
		_, _ = ductile.Do(ctx, p, func(context.Context) (int, error) { return 0, nil })
		p.Detach()
	}
	calls := s.metrics()["ductile.call.duration"]
	assert.Len(t, calls, 1001)
	assert.Contains(t, calls[0], "outcome=success pipeline.name=_other 500 in")
	for i := range 3 {
		s.do(ductile.New(fmt.Sprint("late ", i)).With(s.Observer), down)
	}
	assert.Equal(t, []string{`level=WARN msg="ductile: call failed" pipeline=_other outcome=transient attempts=1`}, s.logs.lines(), "they are one in the logs, too")
	assert.Contains(t, s.metrics()["ductile.call.active"], "pipeline.name=_other 0")

	s = newScene(t, telemetry.WithoutTraces())
	for i := range 100 {
		b := bulkhead.New(1, bulkhead.Name(fmt.Sprint("host ", i)))
		p := ductile.New("upstream", b).With(s.Observer)
		_, w := s.Begin(ctx, "upstream")
		w.FellBack(ctx, ductile.FellBack{Policy: "fallback", By: fmt.Sprint("link ", i)})
		w.Rejected(ctx, ductile.Rejected{Policy: fmt.Sprint("gate ", i)})
		w.Ended(ctx, ductile.Ended{})
		assert.LessOrEqual(t, len(s.metrics()["ductile.bulkhead.limit"]), 1)
		p.Detach()
	}
	_, w := s.Begin(ctx, "upstream")
	w.RetryStopped(ctx, ductile.RetryStopped{Policy: "retry", Reason: retry.ErrBudget})
	w.Ended(ctx, ductile.Ended{})
	all := s.metrics()
	assert.Equal(t, []string{"pipeline.name=upstream policy.name=_other retry.stop_reason=budget 1"}, all["ductile.retry.stops"], "a word is no name")
	assert.Len(t, all["ductile.rejections"], 11, "32 names in all")
	assert.Contains(t, all["ductile.rejections"], "pipeline.name=upstream policy.name=_other 90")
	assert.Len(t, all["ductile.fallbacks"], 11)
	assert.Contains(t, strings.Join(all["ductile.fallbacks"], "\n"), "fallback.answered_by=_other pipeline.name=upstream policy.name=fallback")
}
