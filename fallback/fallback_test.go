package fallback_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
)

// What the tests of this package have in common.

var (
	errDown  = errors.New("down")
	errCache = errors.New("the cache is empty")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// call makes a call that fails with err through policies.
func call[T any](ctx context.Context, err error, policies ...ductile.Policy) (T, error) {
	return ductile.Do(ctx, ductile.New("p", policies...), func(context.Context) (value T, _ error) { return value, err })
}

// answers returns a function that answers with a value, and failing one that cannot.
func answers[V any](value V) func(context.Context, error) (V, error) {
	return func(context.Context, error) (V, error) { return value, nil }
}

func failing[V any](err error) func(context.Context, error) (V, error) {
	return func(context.Context, error) (value V, _ error) { return value, err }
}

// unasked fails the test if it is asked.
func unasked(t *testing.T) *fallback.Policy {
	return fallback.Func(func(_ context.Context, cause error) (int, error) {
		t.Errorf("asked about %v", cause)
		return 0, nil
	}, fallback.Name("unasked"))
}
