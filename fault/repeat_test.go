package fault_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fault"
)

func TestIsFinal(t *testing.T) {
	isFinal := fault.Final(errPlain)
	for _, row := range []struct {
		name string
		err  error
		want bool
	}{
		{"no error", nil, false},
		{"an error without an opinion", errPlain, false},
		{"an answer is no failure", fault.Permanent(errPlain), false},

		{"the mark", isFinal, true},
		{"twice", fault.Final(isFinal), true},
		{"wrapped", fmt.Errorf("get: %w", isFinal), true},
		{"below a mark of a class", fault.Transient(isFinal), true},
		{"below Overload", overload(isFinal), true},
		{"below the driver's mark", fault.End(isFinal, fault.ClassTimeout), true},
		{"in a join", errors.Join(nil, errPlain, isFinal), true},

		{"somebody's own error that says yes", opinion{true, errPlain}, true},
		{"one that says no", opinion{false, errPlain}, false},
		{"one that says no around one that says yes: the outermost", opinion{false, isFinal}, false},
		{"the mark around one that says no", fault.Final(opinion{false, errPlain}), true},
		{"two in a join: the first", errors.Join(errPlain, opinion{false, nil}, isFinal), false},
		{"and the other way round", errors.Join(isFinal, opinion{false, nil}), true},
	} {
		t.Run(row.name, func(t *testing.T) { assert.Equal(t, row.want, fault.IsFinal(row.err)) })
	}
}

// opinion is an error of another package that knows whether another attempt may follow it.
type opinion struct {
	is  bool
	err error
}

func (opinion) Error() string   { return "opinion" }
func (o opinion) Final() bool   { return o.is }
func (o opinion) Unwrap() error { return o.err }

func TestPushback(t *testing.T) {
	const none = time.Duration(12345) // in the table's column: the dependency decided nothing
	second, never := decision{time.Second, true}, decision{-1, true}
	for _, row := range []struct {
		name string
		err  error
		want time.Duration
	}{
		{"no error", nil, none},
		{"an error without one", errPlain, none},
		{"a hint is no decision", fault.Overload(errPlain, time.Second), none},
		{"one that decides nothing", decision{time.Hour, false}, none},
		{"two that decide nothing", errors.Join(decision{time.Hour, false}, decision{-1, false}), none},

		{"after a second", second, time.Second},
		{"at once", decision{0, true}, 0},
		{"never", never, -1},
		{"the least there is", decision{math.MinInt64, true}, math.MinInt64},
		{"the most there is", decision{math.MaxInt64, true}, math.MaxInt64},

		{"wrapped", fmt.Errorf("get: %w", second), time.Second},
		{"below Final", fault.Final(never), -1},
		{"below Overload", overload(never), -1},
		{"below the driver's mark", fault.End(second, fault.ClassTimeout), time.Second},
		{"two in a join: the first, not the stronger", errors.Join(errPlain, second, never), time.Second},
		{"and the other way round", errors.Join(never, second), -1},
		{"one that decides nothing, beside one that does", errors.Join(decision{time.Hour, false}, second), time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			wait, told := fault.Pushback(row.err)
			if row.want == none {
				assert.False(t, told)
				assert.Zero(t, wait)
				return
			}
			assert.True(t, told)
			assert.Equal(t, row.want, wait)
		})
	}
}

// A decision is no hint: who asks when to come back at the earliest is not told to come back at once by one that means never.
func TestADecisionIsNoHint(t *testing.T) {
	for _, wait := range []time.Duration{-1, 0, time.Second} {
		_, hinted := fault.RetryAfter(decision{wait, true})
		assert.False(t, hinted)
	}
}

// decision is an error of another package with which the dependency may decide about a repeat.
type decision struct {
	wait time.Duration
	told bool
}

func (decision) Error() string                     { return "decision" }
func (d decision) Pushback() (time.Duration, bool) { return d.wait, d.told }

// disguised is an error whose method As gives it out for one of any kind.
type disguised struct{ as error }

func (disguised) Error() string { return "disguised" }
func (d disguised) As(target any) bool {
	slot, as := reflect.ValueOf(target).Elem(), reflect.ValueOf(d.as)
	if !as.Type().AssignableTo(slot.Type()) {
		return false
	}
	slot.Set(as)
	return true
}

// Of looks at what an error is, and not at what it passes for. The mark must not make a timeout of it.
func TestFinalOfAnErrorInDisguise(t *testing.T) {
	err := disguised{context.DeadlineExceeded}
	assert.Equal(t, fault.ClassTransient, fault.Of(err))
	assert.Equal(t, fault.ClassTransient, fault.Of(fault.Final(err)))
	assert.False(t, (&url.Error{Op: "Get", URL: "/", Err: fault.Final(err)}).Timeout())
}
