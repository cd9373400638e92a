package ductile

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
)

// A Panic is a panic on a goroutine that the library started, as it is raised in the caller: a copy of a hedged call, or what is inside a
// detached timeout. One on the caller's own goroutine passes through as it is.
//
// http.ErrAbortHandler is raised as itself, because package net/http compares it.
type Panic struct { //nolint:errname // it is a panic first
	Value any    // what the function panicked with
	Stack []byte // of the goroutine that panicked, as debug.Stack has it
}

// Error returns the value and the stack: a panic that nobody recovers prints it.
func (p *Panic) Error() string {
	return fmt.Sprintf("panic in a copy of the call: %v\n\n%s", p.Value, p.Stack)
}

// Unwrap returns the value if it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// caught returns a recovered value as a Panic, with the stack of the goroutine that recovers: it is called in a deferred function.
func caught(value any) *Panic {
	if p, ok := value.(*Panic); ok {
		return p
	}
	return &Panic{Value: value, Stack: debug.Stack()}
}

// raise panics on the caller's goroutine.
func (p *Panic) raise() {
	plain := reflect.TypeOf(errors.New(""))
	if err, ok := p.Value.(error); ok && reflect.TypeOf(err) == plain && err.Error() == "net/http: abort Handler" {
		panic(err) // known by its text, for this package does without net/http
	}
	panic(p)
}
