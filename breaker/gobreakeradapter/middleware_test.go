package gobreakeradapter_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/fault"
)

func TestMiddlewareName(t *testing.T) {
	m := gobreakeradapter.NewMiddleware(gobreaker.NewCircuitBreaker[int](gobreaker.Settings{Name: "stock"}))
	assert.Equal(t, "stock", m.Name())
	assert.Equal(t, "as a *gobreaker.CircuitBreaker[int] decides", m.String())
	assert.Equal(t, "gobreaker", gobreakeradapter.NewMiddleware(gobreaker.NewCircuitBreaker[int](gobreaker.Settings{})).Name())
	for _, none := range []gobreakeradapter.Executor[any]{nil, (*gobreaker.CircuitBreaker[any])(nil)} {
		assert.PanicsWithError(t, "gobreakeradapter: NewMiddleware(nil): must be given a breaker", func() { gobreakeradapter.NewMiddleware(none) })
	}
}

// The functions of the Settings hear how each call ended, and the call's own error comes out.
func TestMiddlewareHears(t *testing.T) {
	for _, e := range returns {
		in(t, e.name, func(t *testing.T) {
			settings, heard := hearing(t)
			cb := gobreaker.NewCircuitBreaker[int](settings)
			m := gobreakeradapter.NewMiddleware(cb)
			err := e.reach(func(ctx context.Context, fn func(context.Context) error) error {
				var returned error
				err := m.Around(ctx, func(inner context.Context) error {
					assert.Equal(t, ctx, inner)
					returned = fn(inner)
					return returned
				})
				assert.True(t, same(err, returned), "what next returned")
				return err
			})
			assert.Equal(t, fault.Original(err), err, "nobody else sees the mark")
			e.check(t, heard())
			assert.Equal(t, e.counts, cb.Counts())
		})
	}
}

// A refusal by a policy inside is one, also where the caller's time ran out in that policy's queue.
func TestMiddlewareHearsOfRefusalsInside(t *testing.T) {
	in(t, "in time", func(t *testing.T) {
		cb := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{IsExcluded: gobreakeradapter.Excluded})
		ctx, cancel := aSecond()
		defer cancel()
		err := gobreakeradapter.NewMiddleware(cb).Around(ctx, func(ctx context.Context) error {
			<-ctx.Done()
			return fault.End(ctx.Err(), fault.ClassRejected)
		})
		assert.Equal(t, fault.ClassRejected, fault.Of(err))
		assert.Equal(t, excluded, cb.Counts())
	})
}

// A copy that a faster one made unnecessary is no failure of the dependency.
func TestMiddlewareHearsOfFasterCopies(t *testing.T) {
	settings, heard := hearing(t)
	cb := gobreaker.NewCircuitBreaker[int](settings)
	ctx, cancel := context.WithCancelCause(always)
	err := gobreakeradapter.NewMiddleware(cb).Around(ctx, func(ctx context.Context) error {
		cancel(fault.Superseded(true))
		return ctx.Err()
	})
	assert.Equal(t, context.Canceled, err)
	assert.Equal(t, fault.ClassSuperseded, fault.Of(heard()))
	assert.Equal(t, excluded, cb.Counts())
}

// Whose refusal it is, is not for the error to tell: next may have a breaker of its own.
func TestMiddlewareTellsRefusalsApart(t *testing.T) {
	settings := gobreaker.Settings{ReadyToTrip: atOnce}
	outer, inner := gobreaker.NewCircuitBreaker[int](settings), gobreaker.NewCircuitBreaker[string](settings)
	m := gobreakeradapter.NewMiddleware(outer)
	for _, theirs := range []error{gobreaker.ErrOpenState, gobreaker.ErrTooManyRequests} {
		outer, inner := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{}), theirs
		err := gobreakeradapter.NewMiddleware(outer).Around(always, func(context.Context) error { return inner })
		assert.True(t, same(err, theirs), "as next returned it")
		assert.Equal(t, failed, outer.Counts())
	}

	_, _ = inner.Execute(func() (string, error) { return "", errDown })
	err := m.Around(always, func(context.Context) error {
		_, err := inner.Execute(func() (string, error) { return "", nil })
		return err
	})
	assert.Equal(t, gobreaker.ErrOpenState, err)
	err = m.Around(always, func(context.Context) error { t.Error("called"); return nil })
	var refusal *gobreakeradapter.RefusedError
	require.ErrorAs(t, err, &refusal)
}

// A caller who had gone before costs the breaker nothing: not even a place of a half-open one.
func TestMiddlewareAndDeadCallers(t *testing.T) {
	cb := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{})
	ctx, cancel := context.WithTimeout(always, -1)
	defer cancel()
	err := gobreakeradapter.NewMiddleware(cb).Around(ctx, func(inner context.Context) error {
		assert.Equal(t, ctx, inner)
		return inner.Err()
	})
	assert.Equal(t, context.DeadlineExceeded, err)
	assert.Equal(t, gobreaker.Counts{}, cb.Counts())
}

// A panic is a failure, and passes through with its value and the stack of where it was raised.
func TestMiddlewareAndPanics(t *testing.T) {
	for name, value := range map[string]any{
		"text": "fn's", "an error": errDown, "what cannot be compared": []int{1}, "nothing at all": struct{}{},
	} {
		t.Run(name, func(t *testing.T) {
			var heard error
			cb := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{IsSuccessful: func(err error) bool {
				heard = err
				return gobreakeradapter.Successful(err)
			}, IsExcluded: gobreakeradapter.Excluded})
			var stack string
			func() {
				defer func() {
					stack = string(debug.Stack())
					assert.Equal(t, value, recover())
				}()
				_ = gobreakeradapter.NewMiddleware(cb).Around(always, func(context.Context) error { return raising(value) })
				t.Error("went on")
			}()
			assert.Contains(t, stack, "gobreakeradapter_test.raising")
			assert.Error(t, heard)
			assert.Equal(t, failed, cb.Counts())
		})
	}
}

func raising(value any) error { panic(value) }

// gobreaker by itself does not hear of a Goexit. Through the adapter it counts as a failure, and the goroutine ends all the same, after
// everything that it had deferred.
func TestMiddlewareAndGoexit(t *testing.T) {
	var heard []error
	cb := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{IsExcluded: func(err error) bool {
		heard = append(heard, err)
		return gobreakeradapter.Excluded(err)
	}})
	m := gobreakeradapter.NewMiddleware(cb)
	deferred := 0
	exiting(func() {
		defer func() {
			deferred++
			assert.Nil(t, recover(), "it is no panic any more")
		}()
		_ = m.Around(always, func(context.Context) error {
			defer func() { deferred++ }()
			runtime.Goexit()
			return nil
		})
		t.Error("went on")
	})
	assert.Equal(t, 2, deferred)
	require.Len(t, heard, 1)
	require.EqualError(t, heard[0], fault.ErrExited.Error())
	assert.Equal(t, failed, cb.Counts())
	require.NoError(t, m.Around(always, func(context.Context) error { return nil }))

	alone := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{})
	exiting(func() { _, _ = alone.Execute(func() (int, error) { runtime.Goexit(); return 0, nil }) })
	assert.Equal(t, gobreaker.Counts{Requests: 1}, alone.Counts(), "gobreaker hears of it by now: the adapter need not tell it")
}

// A panic of a function of the Settings over a Goexit is one of the caller.
func TestMiddlewareWithSettingsThatPanic(t *testing.T) {
	cb := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{IsExcluded: func(error) bool { panic("IsExcluded's") }})
	m := gobreakeradapter.NewMiddleware(cb)
	exiting(func() {
		defer func() { assert.Equal(t, "IsExcluded's", recover()) }()
		_ = m.Around(always, func(context.Context) error { runtime.Goexit(); return nil })
	})
	assert.PanicsWithValue(t, "IsExcluded's", func() { _ = m.Around(always, func(context.Context) error { return nil }) })
}

// A half-open breaker has its place back, however the call in it ends; and it closes in the end.
func TestMiddlewareGivesPlacesBack(t *testing.T) {
	for _, row := range []struct {
		name  string
		call  func(m *gobreakeradapter.Middleware[int])
		state gobreaker.State
	}{
		{"panic", func(m *gobreakeradapter.Middleware[int]) {
			defer func() { _ = recover() }()
			_ = m.Around(always, func(context.Context) error { panic("fn's") })
		}, gobreaker.StateOpen},
		{"Goexit", func(m *gobreakeradapter.Middleware[int]) {
			exiting(func() { _ = m.Around(always, func(context.Context) error { runtime.Goexit(); return nil }) })
		}, gobreaker.StateOpen},
		{"the caller leaves", func(m *gobreakeradapter.Middleware[int]) {
			ctx, leave := context.WithCancel(always)
			_ = m.Around(ctx, func(context.Context) error { leave(); return errDown })
		}, gobreaker.StateHalfOpen},
		{"the caller had left", func(m *gobreakeradapter.Middleware[int]) {
			ctx, leave := context.WithCancel(always)
			leave()
			_ = m.Around(ctx, func(ctx context.Context) error { return ctx.Err() })
		}, gobreaker.StateHalfOpen},
	} {
		in(t, row.name, func(t *testing.T) {
			const places = 3
			cb := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{
				MaxRequests: places, Timeout: time.Minute, ReadyToTrip: atOnce, IsExcluded: gobreakeradapter.Excluded,
			})
			m := gobreakeradapter.NewMiddleware(cb)
			require.Error(t, m.Around(always, func(context.Context) error { return errDown }))
			for range 2 * places { // more than would go if places were lost
				time.Sleep(time.Minute + 1)
				require.Equal(t, gobreaker.StateHalfOpen, cb.State())
				row.call(m)
				require.Equal(t, row.state, cb.State())
			}
			time.Sleep(time.Minute + 1)
			for range places {
				require.NoError(t, m.Around(always, func(context.Context) error { return nil }))
			}
			assert.Equal(t, gobreaker.StateClosed, cb.State())
		})
	}
}

// The breaker that is shared by a store may fail for its store: before the call that is a refusal, after it the call has its own end.
func TestMiddlewareOfADistributedBreaker(t *testing.T) {
	store := &memory{data: map[string][]byte{}}
	cb, err := gobreaker.NewDistributedCircuitBreaker[int](store, gobreaker.Settings{Name: "shared"})
	require.NoError(t, err)
	m := gobreakeradapter.NewMiddleware(cb)
	require.NoError(t, m.Around(always, func(context.Context) error { return nil }))
	assert.Equal(t, succeeded, cb.Counts())

	lost := errors.New("no route to the store")
	require.NoError(t, m.Around(always, func(context.Context) error { store.err = lost; return nil }), "the call has succeeded")

	err = m.Around(always, func(context.Context) error { t.Error("called"); return nil })
	require.EqualError(t, err, "shared: no route to the store")
	require.ErrorIs(t, err, lost)
	assert.ErrorIs(t, err, fault.ErrRejected)
}

// memory is a store for one process.
type memory struct {
	data map[string][]byte
	err  error
}

func (*memory) Lock(string) error   { return nil }
func (*memory) Unlock(string) error { return nil }

func (m *memory) GetData(name string) ([]byte, error) { return m.data[name], m.err }

func (m *memory) SetData(name string, data []byte) error {
	m.data[name] = data
	return m.err
}
