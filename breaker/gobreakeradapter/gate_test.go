package gobreakeradapter_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/fault"
)

// A breaker's name is the policy's.
func TestGateName(t *testing.T) {
	named := gobreakeradapter.NewGate(gobreaker.NewTwoStepCircuitBreaker[int](gobreaker.Settings{Name: "stock"}))
	assert.Equal(t, "stock", named.Name())
	assert.Equal(t, "gobreaker", gobreakeradapter.NewGate(gobreaker.NewTwoStepCircuitBreaker[int](gobreaker.Settings{})).Name())
	assert.Equal(t, "pipeline \"p\"\n  stock  as a *gobreaker.TwoStepCircuitBreaker[int] decides", ductile.New("p", named).String())

	for _, none := range []gobreakeradapter.TwoStep{nil, (*gobreaker.TwoStepCircuitBreaker[any])(nil)} {
		assert.PanicsWithError(t, "gobreakeradapter: NewGate(nil): must be given a breaker", func() { gobreakeradapter.NewGate(none) })
	}
}

// Through a pipeline, the functions of the Settings hear how each call ended.
func TestGateHears(t *testing.T) {
	for _, e := range returns {
		in(t, e.name, func(t *testing.T) {
			settings, heard := hearing(t)
			cb := gobreaker.NewTwoStepCircuitBreaker[int](settings)
			p := ductile.New("p", gobreakeradapter.NewGate(cb))
			err := e.reach(func(ctx context.Context, fn func(context.Context) error) error { return ductile.Run(ctx, p, fn) })
			assert.Equal(t, fault.Original(err), err, "nobody else sees the mark")
			e.check(t, heard())
			assert.Equal(t, e.counts, cb.Counts())
		})
	}
}

// A caller who had gone before the call began is heard as such, and so is one whose deadline had passed.
func TestGateHearsOfDeadCallers(t *testing.T) {
	gone, cancel := context.WithCancel(always)
	cancel()
	late, cancel := context.WithTimeout(always, -1)
	defer cancel()
	for _, row := range []struct {
		ctx context.Context
		end
	}{
		{gone, end{name: "gone", class: fault.ClassCanceled, is: context.Canceled}},
		{late, end{name: "late", class: fault.ClassCanceled, is: context.DeadlineExceeded, marked: true}},
	} {
		t.Run(row.name, func(t *testing.T) {
			settings, heard := hearing(t)
			cb := gobreaker.NewTwoStepCircuitBreaker[int](settings)
			err := ductile.Run(row.ctx, ductile.New("p", gobreakeradapter.NewGate(cb)), func(context.Context) error {
				t.Error("called")
				return nil
			})
			require.ErrorIs(t, err, row.is)
			row.check(t, heard())
			assert.Equal(t, excluded, cb.Counts())
		})
	}
}

// A panic and a Goexit pass through, and are heard by name.
func TestGateHearsOfPanics(t *testing.T) {
	settings, heard := hearing(t)
	cb := gobreaker.NewTwoStepCircuitBreaker[int](settings)
	p := ductile.New("p", gobreakeradapter.NewGate(cb))
	assert.PanicsWithValue(t, "fn's", func() { _ = ductile.Run(always, p, func(context.Context) error { panic("fn's") }) })
	assert.Equal(t, fault.ErrAborted, heard())
	assert.Equal(t, failed, cb.Counts())
}

func TestGateHearsOfGoexit(t *testing.T) {
	settings, heard := hearing(t)
	cb := gobreaker.NewTwoStepCircuitBreaker[int](settings)
	p := ductile.New("p", gobreakeradapter.NewGate(cb))
	exiting(func() {
		_ = ductile.Run(always, p, func(context.Context) error { runtime.Goexit(); return nil })
		t.Error("went on")
	})
	assert.Equal(t, fault.ErrExited, heard())
	assert.Equal(t, excluded, cb.Counts())
}

// A half-open breaker has its place back, however the call in it ends; and it closes in the end.
func TestGateGivesPlacesBack(t *testing.T) {
	for _, row := range []struct {
		name  string
		call  func(p *ductile.Pipeline)
		state gobreaker.State
	}{
		{"panic", func(p *ductile.Pipeline) {
			defer func() { _ = recover() }()
			_ = ductile.Run(always, p, func(context.Context) error { panic("fn's") })
		}, gobreaker.StateOpen},
		{"Goexit", func(p *ductile.Pipeline) {
			exiting(func() { _ = ductile.Run(always, p, func(context.Context) error { runtime.Goexit(); return nil }) })
		}, gobreaker.StateHalfOpen},
		{"the caller leaves", func(p *ductile.Pipeline) {
			ctx, leave := context.WithCancel(always)
			_ = ductile.Run(ctx, p, func(context.Context) error { leave(); return errDown })
		}, gobreaker.StateHalfOpen},
		{"the caller had left", func(p *ductile.Pipeline) {
			ctx, leave := context.WithTimeout(always, -1)
			defer leave()
			_ = ductile.Run(ctx, p, func(context.Context) error { return nil })
		}, gobreaker.StateHalfOpen},
		{"refused inside", func(p *ductile.Pipeline) {
			_ = ductile.Run(always, p, func(context.Context) error { return fault.ErrRejected })
		}, gobreaker.StateHalfOpen},
		{"failure", func(p *ductile.Pipeline) {
			_ = ductile.Run(always, p, func(context.Context) error { return errDown })
		}, gobreaker.StateOpen},
	} {
		in(t, row.name, func(t *testing.T) {
			const places = 3
			cb := gobreaker.NewTwoStepCircuitBreaker[int](gobreaker.Settings{
				MaxRequests: places, Timeout: time.Minute, ReadyToTrip: atOnce,
				IsExcluded: gobreakeradapter.Excluded, IsSuccessful: gobreakeradapter.Successful,
			})
			p := ductile.New("p", gobreakeradapter.NewGate(cb))
			require.Error(t, ductile.Run(always, p, func(context.Context) error { return errDown }))
			for range 2 * places { // more than would go if places were lost
				time.Sleep(time.Minute + 1)
				require.Equal(t, gobreaker.StateHalfOpen, cb.State())
				row.call(p)
				require.Equal(t, row.state, cb.State())
			}
			time.Sleep(time.Minute + 1)
			for range places {
				require.NoError(t, ductile.Run(always, p, func(context.Context) error { return nil }))
			}
			assert.Equal(t, gobreaker.StateClosed, cb.State())
		})
	}
}

// A call that began before the breaker opened says nothing when it ends: neither to the half-open breaker nor to the closed one after.
func TestGateKnowsLateCalls(t *testing.T) {
	in(t, "late", func(t *testing.T) {
		cb := gobreaker.NewTwoStepCircuitBreaker[int](gobreaker.Settings{MaxRequests: 1, Timeout: time.Minute, ReadyToTrip: atOnce})
		g := gobreakeradapter.NewGate(cb)
		var late []uint64
		for range 3 {
			token, err := g.Acquire(always)
			require.NoError(t, err)
			late = append(late, token)
		}
		g.Release(late[0], errDown)
		require.Equal(t, gobreaker.StateOpen, cb.State())

		time.Sleep(time.Minute + 1)
		probe, err := g.Acquire(always) // in the place of the first
		require.NoError(t, err)
		g.Release(late[1], nil)
		assert.Equal(t, gobreaker.StateHalfOpen, cb.State(), "not closed by a call that is older")

		g.Release(probe, nil)
		require.Equal(t, gobreaker.StateClosed, cb.State())
		g.Release(late[2], errDown)
		assert.Equal(t, gobreaker.StateClosed, cb.State(), "not opened by one either")
		assert.Equal(t, gobreaker.Counts{}, cb.Counts())
	})
}

// gobreaker counts each call of its callback. A gate calls it once, even if its place has been given to another call meanwhile.
func TestGateReleasesOnce(t *testing.T) {
	cb := gobreaker.NewTwoStepCircuitBreaker[int](gobreaker.Settings{})
	g := gobreakeradapter.NewGate(cb)
	first, err := g.Acquire(always)
	require.NoError(t, err)
	g.Release(first, errDown)
	g.Release(first, errDown)
	second, err := g.Acquire(always)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	g.Release(first, errDown)
	assert.Equal(t, gobreaker.Counts{Requests: 2, TotalFailures: 1, ConsecutiveFailures: 1}, cb.Counts(), "the second is still out")
	g.Release(second, nil)
	for _, nobodys := range []uint64{0, 1, 2, 1 << 32, first + 1, 1<<64 - 1} {
		g.Release(nobodys, errDown)
	}
	assert.Equal(t, gobreaker.Counts{Requests: 2, TotalFailures: 1, TotalSuccesses: 1, ConsecutiveSuccesses: 1}, cb.Counts())
}

// An error whose methods panic is a panic of the call, and never reaches the functions of the Settings.
func TestGateSurvivesErrorsThatPanic(t *testing.T) {
	settings, heard := hearing(t)
	cb := gobreaker.NewTwoStepCircuitBreaker[int](settings)
	p := ductile.New("p", gobreakeradapter.NewGate(cb))
	assert.PanicsWithValue(t, "its Fault", func() { _ = ductile.Run(always, p, func(context.Context) error { return rude{} }) })
	assert.Equal(t, fault.ErrAborted, heard())
	assert.Equal(t, failed, cb.Counts())
}

// rude is an error that panics when it is asked.
type rude struct{}

func (rude) Error() string      { return "rude" }
func (rude) Fault() fault.Class { panic("its Fault") }

// A function of the Settings that panics does so in its caller, and loses no place.
func TestGateWithSettingsThatPanic(t *testing.T) {
	panics := true
	cb := gobreaker.NewTwoStepCircuitBreaker[int](gobreaker.Settings{ReadyToTrip: func(gobreaker.Counts) bool {
		if panics {
			panic("ReadyToTrip's")
		}
		return true
	}})
	p := ductile.New("p", gobreakeradapter.NewGate(cb))
	down := func(context.Context) error { return errDown }
	assert.PanicsWithValue(t, "ReadyToTrip's", func() { _ = ductile.Run(always, p, down) })
	panics = false
	assert.Equal(t, errDown, ductile.Run(always, p, down))
	assert.Equal(t, gobreaker.StateOpen, cb.State())
}

// One breaker, of any type, serves pipelines of all types, and those who use it without one.
func TestGateIsShared(t *testing.T) {
	cb := gobreaker.NewTwoStepCircuitBreaker[*int](gobreaker.Settings{})
	g := gobreakeradapter.NewGate(cb)
	one, another := ductile.New("one", g), ductile.New("another", g)
	text, err := ductile.Do(always, one, func(context.Context) (string, error) { return "text", nil })
	require.NoError(t, err)
	assert.Equal(t, "text", text)
	number, err := ductile.Do(always, another, func(context.Context) (int, error) { return 7, errDown })
	require.ErrorIs(t, err, errDown)
	assert.Equal(t, 7, number)
	done, err := cb.Allow()
	require.NoError(t, err)
	done(nil)
	assert.Equal(t, gobreaker.Counts{Requests: 3, TotalSuccesses: 2, TotalFailures: 1, ConsecutiveSuccesses: 1}, cb.Counts())
}

// What gobreaker's users compare by == is what it was, as long as it is true.
func TestGateKeepsIdentity(t *testing.T) {
	cb := gobreaker.NewTwoStepCircuitBreaker[int](gobreaker.Settings{
		IsExcluded: func(err error) bool { return err == context.Canceled }, //nolint:errorlint // as it is found in programs
	})
	p := ductile.New("p", gobreakeradapter.NewGate(cb))
	ctx, leave := context.WithCancel(always)
	_ = ductile.Run(ctx, p, func(ctx context.Context) error {
		leave()
		return ctx.Err()
	})
	assert.Equal(t, excluded, cb.Counts())
	_ = ductile.Run(always, p, func(context.Context) error { return fmt.Errorf("wrapped: %w", errors.Join(context.Canceled)) })
	assert.Equal(t, uint32(1), cb.Counts().TotalFailures)
}
