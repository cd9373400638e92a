package gobreakeradapter_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/fault"
)

// Both kinds of policy refuse alike, with errors made once.
func TestRefusals(t *testing.T) {
	settings := gobreaker.Settings{Name: "stock", MaxRequests: 1, Timeout: time.Minute, ReadyToTrip: atOnce}
	// kinds return a breaker's way to make a call.
	kinds := map[string]func() func(fn func(context.Context) error) error{
		"gate": func() func(fn func(context.Context) error) error {
			p := ductile.New("p", gobreakeradapter.NewGate(gobreaker.NewTwoStepCircuitBreaker[int](settings)))
			return func(fn func(context.Context) error) error { return ductile.Run(always, p, fn) }
		},
		"middleware": func() func(fn func(context.Context) error) error {
			m := gobreakeradapter.NewMiddleware(gobreaker.NewCircuitBreaker[int](settings))
			return func(fn func(context.Context) error) error { return m.Around(always, fn) }
		},
	}
	for kind, begin := range kinds {
		in(t, kind, func(t *testing.T) {
			call := begin()
			refused := func(text string, said, notSaid error) {
				t.Helper()
				err := call(func(context.Context) error { t.Error("called"); return nil })
				require.EqualError(t, err, text)
				var refusal *gobreakeradapter.RefusedError
				require.ErrorAs(t, err, &refusal)
				assert.Equal(t, "stock", refusal.Name)
				assert.Same(t, refusal, call(func(context.Context) error { return nil }), "made once")

				err = fmt.Errorf("wrapped: %w", err)
				for _, is := range []error{said, fault.ErrRejected, breaker.ErrOpen} {
					assert.ErrorIs(t, err, is)
				}
				for _, not := range []error{notSaid, errDown, context.Canceled} {
					assert.NotErrorIs(t, err, not)
				}
				assert.Equal(t, fault.ClassRejected, fault.Of(err))
				_, known := fault.RetryAfter(err)
				assert.False(t, known)
				assert.False(t, refusal.Timeout())
			}
			require.Equal(t, errDown, call(func(context.Context) error { return errDown }))
			refused("stock: circuit breaker is open: calls have failed, and the Timeout of its Settings is not over",
				gobreaker.ErrOpenState, gobreaker.ErrTooManyRequests)

			time.Sleep(time.Minute + 1)
			require.NoError(t, call(func(context.Context) error {
				refused("stock: too many requests: it is half-open, and has all the probes that the MaxRequests of its Settings allows",
					gobreaker.ErrTooManyRequests, gobreaker.ErrOpenState)
				return nil
			}))
		})
	}
}

// What another breaker behind the same interface says is kept, and is a refusal all the same.
func TestRefusalsOfAnotherBreaker(t *testing.T) {
	full := errors.New("nothing today")
	err := ductile.Run(always, ductile.New("p", gobreakeradapter.NewGate(closed{full})), func(context.Context) error { return nil })
	require.EqualError(t, err, "gobreaker: nothing today")
	for _, is := range []error{full, breaker.ErrOpen, fault.ErrRejected} {
		assert.ErrorIs(t, err, is)
	}
	wrapped := fmt.Errorf("shard 7: %w", gobreaker.ErrOpenState)
	_, err = gobreakeradapter.NewGate(closed{wrapped}).Acquire(always)
	assert.ErrorIs(t, err, wrapped)
	assert.EqualError(t, err, "gobreaker: shard 7: circuit breaker is open: calls have failed, and the Timeout of its Settings is not over")
}

// closed is a breaker that refuses everything.
type closed struct{ err error }

func (closed) Name() string                  { return "" }
func (c closed) Allow() (func(error), error) { return nil, c.err }
