package safemode_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/safemode"
	"github.com/ductile-go/ductile/timeout"
)

// The shop of the package's documentation, by hand: what each piece of work does at each level.
func TestTheShop(t *testing.T) {
	shop := safemode.New(safemode.Name("shop"))
	recommend := ductile.New("recommend", fallback.Value("none"), shop, retry.New())
	price := ductile.New("price", fallback.Value("list price"), shop.For(safemode.Degraded), breaker.New())
	checkout := ductile.New("checkout", shop.For(safemode.Safe), breaker.New())
	live := func(context.Context) (string, error) { return "live", nil }
	for _, row := range []struct {
		change func()
		want   []string
	}{
		{func() {}, []string{"live", "live", "live"}},
		{func() { shop.Hold(safemode.Degraded, "slow") }, []string{"none", "live", "live"}},
		{func() { shop.Engage("disk is full") }, []string{"none", "list price", "live"}},
		{shop.Disengage, []string{"live", "live", "live"}},
	} {
		row.change()
		for i, p := range []*ductile.Pipeline{recommend, price, checkout} {
			answer, err := ductile.Do(always, p, live)
			require.NoError(t, err)
			assert.Equal(t, row.want[i], answer)
		}
	}
	assert.Equal(t, "pipeline \"price\"\n  fallback  answers with string, on transient, timeout, overload, rejected\n"+
		"  shop      refuses below degraded; by hand",
		ductile.New("price", fallback.Value("list price"), shop.For(safemode.Degraded)).String())
}

// Without a fallback the refusal reaches the caller as it is, and nothing below is reached, asked or blamed.
func TestARefusalInAPipeline(t *testing.T) {
	mode, guard, permits := safemode.New(), breaker.New(breaker.ConsecutiveFailures(1)), bulkhead.New(1)
	mode.Engage("test")
	_, plain := mode.Acquire(always)
	calls := 0
	p := ductile.New("stock", retry.New(), guard, mode, permits)
	err := ductile.Run(always, p, func(context.Context) error { calls++; return nil })
	assert.Same(t, plain, err)
	assert.Zero(t, calls)
	assert.Equal(t, breaker.Counts{}, guard.Snapshot().Counts)
	assert.Equal(t, uint64(2), mode.Snapshot().Refused, "nor repeated")
}

// However a probe through a pipeline ends, its place is free again.
func TestAProbesPlaceComesBack(t *testing.T) {
	for name, row := range map[string]struct {
		fn    func(context.Context) error
		trial safemode.Counts
	}{
		"success":  {func(context.Context) error { return nil }, safemode.Counts{Calls: 1}},
		"answer":   {func(context.Context) error { return fault.Permanent(errDown) }, safemode.Counts{Calls: 1}},
		"failure":  {func(context.Context) error { return errDown }, safemode.Counts{Calls: 1, Failures: 1}},
		"panic":    {func(context.Context) error { panic("boom") }, safemode.Counts{Calls: 1, Failures: 1}},
		"Goexit":   {func(context.Context) error { runtime.Goexit(); return nil }, safemode.Counts{}},
		"canceled": {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, safemode.Counts{}},
	} {
		in(t, name, func(t *testing.T) {
			mode := safemode.New(simple(safemode.Probes(10)))
			p := ductile.New("stock", mode)
			toDegraded(t, mode)
			toTry(t, mode)
			ctx, cancel := context.WithCancel(always)
			release := make(chan struct{})
			go func() {
				defer func() { _ = recover() }()
				_ = ductile.Run(ctx, p, func(ctx context.Context) error { <-release; return row.fn(ctx) })
			}()
			synctest.Wait()
			assert.Equal(t, 1, mode.Snapshot().Probing)
			close(release)
			synctest.Wait()
			cancel()
			synctest.Wait()
			assert.Zero(t, mode.Snapshot().Probing)
			assert.Equal(t, row.trial, mode.Snapshot().Trial)
		})
	}
}

// Of copies that a faster one made unnecessary nothing is held against the dependency, and their probes' places are free.
func TestSupersededProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mode := safemode.New(simple(safemode.Probes(10)))
		toDegraded(t, mode)
		toTry(t, mode)
		p := ductile.NewConcurrent("stock", hedge.New(hedge.After(second), hedge.Budget(budget.Unlimited())), mode)
		_, err := ductile.DoConcurrent(always, p, func(ctx context.Context) (int, error) {
			if _, copy := p.Attempt(ctx); copy == 1 {
				<-ctx.Done()
				return 0, ctx.Err()
			}
			return 1, nil
		})
		require.NoError(t, err)
		synctest.Wait()
		assert.Zero(t, mode.Snapshot().Probing)
		assert.Equal(t, safemode.Counts{Calls: 1}, mode.Snapshot().Trial)
	})
}

// An outage as its callers see it. The breaker inside is the first to notice, and from then on the mode hears of refusals only: they
// count, so it engages; it comes back when the dependency does; and nobody is ever without an answer.
func TestAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		mode := safemode.New(safemode.Automatic(), safemode.OnChange(d.write))
		guard, permits := breaker.New(), bulkhead.New(4)
		p := ductile.New("stock", fallback.Value("instead"), mode, retry.New(), guard, permits, timeout.New(second))
		start := time.Now()
		down := func() bool { at := time.Since(start); return at > time.Minute && at < 5*time.Minute }
		asked, outage := 0, 0
		for time.Since(start) < 20*time.Minute {
			answer, err := ductile.Do(always, p, func(context.Context) (string, error) {
				asked++
				if down() {
					outage++
					return "", errDown
				}
				return "live", nil
			})
			require.NoError(t, err)
			if mode.Level() == safemode.Normal && !down() && guard.State() == breaker.Closed {
				assert.Equal(t, "live", answer)
			}
			time.Sleep(200 * time.Millisecond)
		}
		assert.Equal(t, safemode.Normal, mode.Level())
		assert.Less(t, outage, 60, "of 1200 calls with three attempts each")
		assert.Greater(t, asked, 1000)
		assert.Zero(t, permits.Snapshot().InFlight)
		changes := d.read()
		assert.Equal(t, safemode.CauseFailureRate, changes[0].Cause)
		assert.Equal(t, safemode.CauseStepSucceeded, changes[len(changes)-1].Cause)
		assert.Less(t, changes[0].At.Sub(start), 90*second)
		assert.Less(t, changes[len(changes)-1].At.Sub(start), 5*time.Minute+latest+releases(5))
	})
}

// A mode in one pipeline does not hear what another's fallback has answered for.
func TestNestedModes(t *testing.T) {
	inner, outer := safemode.New(safemode.Name("inner")), safemode.New(safemode.Name("outer"), simple())
	inner.Engage("test")
	within := ductile.New("inner", fallback.Value(1), inner)
	around := ductile.New("outer", outer)
	bare := ductile.New("bare", outer, inner)
	for range 20 {
		_, err := ductile.Do(always, around, func(ctx context.Context) (int, error) {
			return ductile.Do(ctx, within, func(context.Context) (int, error) { return 0, errors.New("never called") })
		})
		require.NoError(t, err)
	}
	assert.Equal(t, safemode.Counts{Calls: 20}, outer.Snapshot().Counts)
	require.ErrorIs(t, ductile.Run(always, bare, func(context.Context) error { return nil }), safemode.ErrSafeMode)
	assert.Equal(t, safemode.Counts{Calls: 21, Failures: 1}, outer.Snapshot().Counts)
}
