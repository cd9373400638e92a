package standard_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

var errDown = errors.New("down")

func TestPipelines(t *testing.T) {
	assert.Equal(t, `pipeline "stock"
  total timeout    30s
  retry            3 attempts, full jitter under 100ms growing 2-fold to 5s, on transient, timeout, overload
  stock breaker    opens at 50 % failures of >= 20 calls in 10s, or with fewer at 5 in a row; for 5s, then 5 probes
  stock bulkhead   at most 256 at once
  attempt timeout  9s`, standard.Client("stock").String())
	assert.Equal(t, `pipeline "stock"
  stock bulkhead  at most 1000 at once
  timeout         30s`, standard.Server("stock").String())
}

// Three attempts that hang fit into the whole: the last one is ended by its own time and not by that of the call.
func TestThreeAttemptsFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		begin := time.Now()
		err := ductile.Run(t.Context(), standard.Client("stock"), func(ctx context.Context) error {
			calls++
			<-ctx.Done()
			return ctx.Err()
		})
		var gaveUp *ductile.RetryError
		require.ErrorAs(t, err, &gaveUp)
		require.ErrorIs(t, gaveUp.Reason, retry.ErrAttempts)
		assert.Equal(t, 3, calls)
		assert.Less(t, time.Since(begin), 30*time.Second)
	})
}

func TestOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := standard.Client("stock", standard.Total(time.Minute), standard.Attempt(time.Second), standard.Retry(retry.Attempts(2)),
			standard.Breaker(breaker.ConsecutiveFailures(2)), standard.Bulkhead(1, bulkhead.Queue(1, time.Second)), standard.Fallback(fallback.Value(42)))
		calls := 0
		begin := time.Now()
		got, err := ductile.Do(t.Context(), p, func(ctx context.Context) (int, error) { calls++; <-ctx.Done(); return 0, errDown })
		require.NoError(t, err)
		assert.Equal(t, 42, got)
		assert.Equal(t, 2, calls)
		assert.Less(t, time.Since(begin), 3*time.Second)
		_, _ = ductile.Do(t.Context(), p, func(context.Context) (int, error) { calls++; return 0, nil })
		assert.Equal(t, 2, calls, "the breaker is open")
	})
}

func TestServerSheds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := standard.Server("stock", standard.Bulkhead(1), standard.Total(time.Second))
		go func() {
			_ = ductile.Run(t.Context(), p, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		}()
		synctest.Wait()
		err := ductile.Run(t.Context(), p, func(context.Context) error { panic("called") })
		require.ErrorIs(t, err, bulkhead.ErrFull)
		assert.ErrorContains(t, err, "stock bulkhead")
		time.Sleep(2 * time.Second)
		err = ductile.Run(t.Context(), p, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		require.ErrorIs(t, err, timeout.ErrExceeded)
	})
}

func TestNonsense(t *testing.T) {
	for _, test := range []struct {
		option standard.Option
		want   string
	}{
		{standard.Total(0), "standard: Total(0s): must be above zero"},
		{standard.Attempt(-1), "standard: Attempt(-1ns): must be above zero"},
		{standard.Attempt(time.Minute), "standard: Attempt(1m0s): must be below Total, which is 30s"},
		{standard.Fallback(nil), "standard: Fallback(nil): must be a fallback: leave it out instead"},
		{standard.Retry(retry.Attempts(0)), "retry: Attempts(0): must be at least 1"},
		{standard.Bulkhead(0), bulkhead.Validate(0).Error()},
		{standard.Breaker(breaker.Name("")), `breaker: Name(""): must be a name`},
		{nil, "standard: option 1 is nil: leave it out instead"},
	} {
		require.EqualError(t, standard.ValidateClient(test.option), test.want)
		assert.PanicsWithError(t, test.want, func() { standard.Client("stock", test.option) })
	}
	for _, option := range []standard.Option{standard.Attempt(1), standard.Retry(), standard.Breaker(), standard.Fallback(fallback.Value(1))} {
		require.ErrorContains(t, standard.ValidateServer(option), "must be left out of a Server")
		assert.Panics(t, func() { standard.Server("stock", option) })
	}
	require.NoError(t, standard.ValidateServer(standard.Total(time.Second), standard.Bulkhead(1)))
}
