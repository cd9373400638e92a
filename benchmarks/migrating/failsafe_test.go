package migrating_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	peer "github.com/failsafe-go/failsafe-go/timeout"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// What docs/migrating/failsafe-go.md says of failsafe-go, and of what takes its place.

// step takes a call through both breakers, and requires that they do the same.
func step(t *testing.T, theirs circuitbreaker.CircuitBreaker[Stock], ours *breaker.Breaker, end error) {
	t.Helper()
	admitted := theirs.TryAcquirePermit()
	token, err := ours.Acquire(t.Context())
	require.Equal(t, admitted, err == nil)
	if admitted {
		theirs.RecordError(end)
		ours.Release(token, end)
	}
	require.Equal(t, theirs.State().String(), ours.State().String())
}

func TestFailsafeBreakersDecideAlike(t *testing.T) {
	for name, pair := range map[string]struct {
		theirs circuitbreaker.CircuitBreaker[Stock]
		ours   func() *breaker.Breaker
		first  string // how calls end, s for a success, before the breaker opens
		wait   time.Duration
		second string // and half-open
	}{
		"of the page":               {failsafeBreaker(), likeFailsafeBreaker, strings.Repeat("sf", 10), 5 * time.Second, "sssss"},
		"of the page, a bad probe":  {failsafeBreaker(), likeFailsafeBreaker, strings.Repeat("sf", 10), 5 * time.Second, "ssf"},
		"of NewWithDefaults":        {circuitbreaker.NewWithDefaults[Stock](), likeBreakerDefaults, "sf", time.Minute, "s"},
		"of NewWithDefaults, again": {circuitbreaker.NewWithDefaults[Stock](), likeBreakerDefaults, "f", time.Minute, "f"},
	} {
		t.Run(name, func(t *testing.T) {
			ends := map[rune]error{'s': nil, 'f': errDown}
			synctest.Test(t, func(t *testing.T) {
				theirs, ours := pair.theirs, pair.ours()
				for _, end := range pair.first {
					require.Equal(t, breaker.Closed, ours.State())
					step(t, theirs, ours, ends[end])
				}
				require.Equal(t, breaker.Open, ours.State())
				time.Sleep(pair.wait - 1)
				step(t, theirs, ours, nil)
				require.Equal(t, breaker.Open, ours.State())
				time.Sleep(time.Nanosecond)
				for _, end := range pair.second {
					step(t, theirs, ours, ends[end])
				}
			})
		})
	}
}

// A ratio of the last calls counts there before there were as many.
func TestFailsafeRatioIsBelievedEarlier(t *testing.T) {
	theirs := circuitbreaker.NewBuilder[Stock]().WithFailureThresholdRatio(5, 10).Build()
	ours := breaker.New(breaker.CountWindow(10), breaker.FailureRate(0.5), breaker.ConsecutiveFailures(0))
	for range 5 {
		theirs.RecordError(errDown)
		token, err := ours.Acquire(t.Context())
		require.NoError(t, err)
		ours.Release(token, errDown)
	}
	assert.True(t, theirs.IsOpen())
	assert.Equal(t, breaker.Closed, ours.State())
}

// Opened by hand, theirs probes when its delay is over, and ours stays as it is.
func TestFailsafeOpensByHandForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs, ours := circuitbreaker.NewWithDefaults[Stock](), likeBreakerDefaults()
		theirs.Open()
		ours.Isolate("maintenance")
		time.Sleep(time.Hour)
		assert.True(t, theirs.TryAcquirePermit())
		_, err := ours.Acquire(t.Context())
		assert.ErrorIs(t, err, breaker.ErrOpen)
	})
}

// A retry of their defaults makes three attempts, at once; and so does ours that says so.
func TestFailsafeRetryDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs, ours := down(), down()
		_, err := failsafe.With[Stock](retrypolicy.NewWithDefaults[Stock]()).Get(func() (Stock, error) {
			return theirs.Get(t.Context(), sku)
		})
		require.ErrorIs(t, err, retrypolicy.ErrExceeded)
		require.ErrorIs(t, err, errDown)
		began := time.Now()
		stock, err := ductile.Do(t.Context(), ductile.New("p", likeRetryDefaults()), func(ctx context.Context) (Stock, error) {
			_, err := ours.Get(ctx, sku)
			return Stock{Count: 7}, err
		})
		require.ErrorIs(t, err, retry.ErrAttempts)
		require.ErrorIs(t, err, errDown)
		assert.Equal(t, 7, stock.Count)
		assert.Equal(t, theirs.calls, ours.calls)
		assert.Zero(t, time.Since(began))
	})
}

// The value of the last attempt is not returned with ExceededError.
func TestFailsafeDropsTheLastValue(t *testing.T) {
	stock, err := failsafe.With[Stock](retrypolicy.NewWithDefaults[Stock]()).Get(func() (Stock, error) {
		return Stock{Count: 7}, errDown
	})
	require.ErrorIs(t, err, errDown)
	assert.Zero(t, stock)
}

// A value may be a failure there.
func TestFailsafeJudgesValues(t *testing.T) {
	calls := 0
	_, err := failsafe.With[Stock](failsafeStale()).Get(func() (Stock, error) { calls++; return Stock{Unknown: true}, nil })
	require.ErrorIs(t, err, retrypolicy.ErrExceeded)
	assert.Equal(t, 3, calls)
}

// Both wait for the function; what it returns too late without an error is lost there, and kept here.
func TestFailsafeDropsALateSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := func() (Stock, error) { time.Sleep(2 * time.Second); return Stock{Count: 3}, nil }
		began := time.Now()
		_, err := failsafe.With[Stock](peer.New[Stock](time.Second)).Get(late)
		require.ErrorIs(t, err, peer.ErrExceeded)
		assert.Equal(t, 2*time.Second, time.Since(began))
		stock, err := ductile.Do(t.Context(), ductile.New("p", timeout.New(time.Second)), func(context.Context) (Stock, error) { return late() })
		require.NoError(t, err)
		assert.Equal(t, 3, stock.Count)
	})
}

// Each library's transport around one server that fails: what it sends, and what its caller gets.
//
//nolint:bodyclose // it takes a policy that has *http.Response for its type for an answer
func TestFailsafeRoundTripper(t *testing.T) {
	theirs := func() http.RoundTripper {
		return failsafehttp.NewRoundTripper(nil, failsafehttp.NewRetryPolicyBuilder().Build())
	}
	ours := func() http.RoundTripper {
		return ductilehttp.NewTransport(nil, ductile.New("p", retry.New(retry.Constant(0), retry.OverloadBase(0))))
	}
	visit := func(transport http.RoundTripper, method string) (answer string, requests int, err error) {
		server := open(503)
		defer server.Close()
		_, answer, err = ask(t.Context(), &http.Client{Transport: transport}, method, server.URL)
		return answer, len(server.requests), err
	}

	_, requests, err := visit(theirs(), http.MethodPost)
	require.ErrorIs(t, err, retrypolicy.ErrExceeded)
	assert.Equal(t, 3, requests)
	answer, requests, err := visit(ours(), http.MethodPost)
	require.NoError(t, err)
	assert.Equal(t, 1, requests)
	assert.Equal(t, "answer 1", answer)

	_, _, err = visit(theirs(), http.MethodPut)
	require.ErrorIs(t, err, retrypolicy.ErrExceeded)
	answer, requests, err = visit(ours(), http.MethodPut)
	require.NoError(t, err)
	assert.Equal(t, 3, requests)
	assert.Equal(t, "answer 3", answer)
}

// Which statuses of an answer either repeats.
//
//nolint:bodyclose // it takes a policy that has *http.Response for its type for an answer
func TestFailsafeStatuses(t *testing.T) {
	var differ []int
	for status := 200; status < 600; status++ {
		calls := 0
		_, _ = failsafe.With(failsafehttp.NewRetryPolicyBuilder().Build()).Get(func() (*http.Response, error) {
			calls++
			return &http.Response{StatusCode: status}, nil
		})
		if (calls > 1) != ductilehttp.Class(&http.Response{StatusCode: status}, nil).Failure() {
			differ = append(differ, status)
		}
	}
	want := []int{408}
	for status := 505; status < 600; status++ {
		want = append(want, status)
	}
	assert.Equal(t, want, differ)
}

// A refusal by a policy inside is repeated there unless it is said otherwise, and it opens a breaker around it.
func TestFailsafeRepeatsRefusals(t *testing.T) {
	b := circuitbreaker.NewBuilder[Stock]().WithFailureThreshold(1).Build()
	b.Open()
	scheduled := 0
	retries := retrypolicy.NewBuilder[Stock]().OnRetry(func(failsafe.ExecutionEvent[Stock]) { scheduled++ }).Build()
	_, err := failsafe.With[Stock](retries, b).Get(func() (Stock, error) { return Stock{}, nil })
	require.ErrorIs(t, err, circuitbreaker.ErrOpen)
	assert.Equal(t, 2, scheduled)

	ours := breaker.New()
	ours.Isolate("")
	err = ductile.Run(t.Context(), ductile.New("p", retry.New(retry.OnRetry(func(retry.Event) { t.Error("repeated") })), ours),
		func(context.Context) error { return nil })
	assert.ErrorIs(t, err, fault.ErrRejected)
}

// A kept breaker is a gate that keeps its promises.
func TestFailsafeKeptIsAGate(t *testing.T) {
	ductiletest.Gate(t, func() ductile.Gate { return kept{circuitbreaker.NewBuilder[any]().WithFailureThreshold(100).Build()} })
}
