// Package gobreakeradapter lets breakers of github.com/sony/gobreaker join a pipeline: a program can have the rest of Ductile and keep
// the breakers that it trusts.
//
// A two-step breaker becomes a gate, by [NewGate], for any pipeline. One that has only Execute becomes a middleware, by
// [NewMiddleware], for concurrent pipelines. The breaker stays what it was: its settings decide, its counts count, its callbacks are
// called, and State and Counts are asked of it.
//
// Left to itself, gobreaker takes every error for a failure, so that callers who cancel open it for all others. [Excluded] and
// [Successful] tell it what the other policies know:
//
//	cb := gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
//		Name:         "inventory",
//		IsSuccessful: gobreakeradapter.Successful,
//		IsExcluded:   gobreakeradapter.Excluded,
//	})
//	p := ductile.New("inventory", retry.New(), gobreakeradapter.NewGate(cb))
//
// gobreaker calls the functions in its Settings while it holds its lock: they must not ask the breaker for anything.
//
// docs/migrating/gobreaker.md says how to go on from here to the breaker of package breaker, and what comes of version 1 of gobreaker.
package gobreakeradapter

import (
	"reflect"

	"github.com/sony/gobreaker/v2"

	"github.com/ductile-go/ductile/internal/refuse"
)

// A TwoStep is a breaker that is asked before a call and told after it how the call ended: a *gobreaker.TwoStepCircuitBreaker, of
// whatever type.
type TwoStep interface {
	// Name is what the breaker is called, or empty.
	Name() string
	// Allow admits a call, or returns why not. done is called with the call's error, once.
	Allow() (done func(err error), err error)
}

// An Executor is a breaker that runs the call itself: a *gobreaker.CircuitBreaker or *gobreaker.DistributedCircuitBreaker, of whatever
// type, and the *gobreaker.CircuitBreaker of gobreaker's version 1, whose T is any.
type Executor[T any] interface {
	// Name is what the breaker is called, or empty.
	Name() string
	// Execute calls req, or returns why not.
	Execute(req func() (T, error)) (T, error)
}

var (
	_ TwoStep       = (*gobreaker.TwoStepCircuitBreaker[any])(nil)
	_ Executor[int] = (*gobreaker.CircuitBreaker[int])(nil)
	_ Executor[int] = (*gobreaker.DistributedCircuitBreaker[int])(nil)
)

// nameOf returns what policies and errors call a breaker. It panics where there is none, for a function of this package.
func nameOf(function string, breaker interface{ Name() string }) string {
	if v := reflect.ValueOf(breaker); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic(refuse.Value("gobreakeradapter", function, "nil", "given a breaker"))
	}
	if name := breaker.Name(); name != "" {
		return name
	}
	return "gobreaker"
}
