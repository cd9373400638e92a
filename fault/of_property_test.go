package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/ductile-go/ductile/fault"
)

// A sketch is an error's tree as data, from which both the error and what should be said of it are made.
type sketch struct {
	kind     string
	class    fault.Class   // of a mark
	after    time.Duration // of an overload
	children []sketch      // nil errors are sketches of kind "nil"
}

var (
	leaves    = []string{"nil", "plain", "canceled", "deadline", "io timeout", "uncomparable", "unwraps to nil"}
	wrappers  = []string{"%w", "two %w", "join", "url", "net", "final"}
	judgments = []string{"mark", "overload", "end", "backoff", "judged around", "judged", "aborted"}
)

// sketches returns trees of a depth at most, in which some errors have been judged, or none.
func sketches(depth int, judged bool) *rapid.Generator[sketch] {
	return rapid.Custom(func(t *rapid.T) sketch {
		kinds := leaves
		if depth > 0 {
			kinds = slices.Concat(leaves, wrappers, wrappers, wrappers)
			if judged {
				kinds = slices.Concat(kinds, judgments)
			}
		}
		s := sketch{
			kind:  rapid.SampledFrom(kinds).Draw(t, "kind"),
			class: fault.Class(rapid.Uint8Range(0, 12).Draw(t, "class")), // two of them are not ours
			after: time.Duration(rapid.Int64().Draw(t, "after")),
		}
		if depth > 0 {
			s.children = rapid.SliceOfN(sketches(depth-1, judged), 2, 2).Draw(t, "children")
		}
		return s
	})
}

// err makes the error.
func (s sketch) err() error {
	child := func(i int) error {
		if err := s.children[i].err(); err != nil {
			return err
		}
		return errPlain // where nothing could be wrapped
	}
	switch s.kind {
	case "nil":
		return nil
	case "plain":
		return errPlain
	case "canceled":
		return context.Canceled
	case "deadline":
		return context.DeadlineExceeded
	case "io timeout":
		return os.ErrDeadlineExceeded
	case "uncomparable":
		return uncomparable{[]string{"a"}}
	case "judged":
		return judged{class: s.class}
	case "aborted":
		return fault.ErrAborted
	case "%w":
		return fmt.Errorf("wrapped: %w", child(0))
	case "two %w":
		return fmt.Errorf("%w and %w", child(0), child(1))
	case "join":
		return errors.Join(s.children[0].err(), s.children[1].err())
	case "url":
		return &url.Error{Op: "Get", URL: "/", Err: child(0)}
	case "net":
		return &net.OpError{Op: "read", Err: child(0)}
	case "final":
		return fault.Final(child(0))
	case "unwraps to nil":
		return wrapping{}
	case "mark":
		marks := []func(error) error{fault.Permanent, fault.Transient, fault.Timeout, fault.Ignore}
		return marks[int(s.class)%len(marks)](child(0))
	case "overload":
		return fault.Overload(child(0), s.after)
	case "end":
		return fault.End(child(0), s.class)
	case "backoff":
		return backoff.Permanent(child(0))
	case "judged around":
		return judged{s.class, child(0)}
	default:
		panic(s.kind)
	}
}

// judgment returns the class that somebody has given the error, outermost and first.
func (s sketch) judgment() (fault.Class, bool) {
	switch s.kind {
	case "judged", "judged around", "end":
		return s.class, true
	case "aborted":
		return fault.ClassAborted, true
	case "mark":
		classes := []fault.Class{fault.ClassPermanent, fault.ClassTransient, fault.ClassTimeout, fault.ClassIgnored}
		return classes[int(s.class)%len(classes)], true
	case "overload":
		return fault.ClassOverload, true
	case "backoff":
		return fault.ClassPermanent, true
	}
	for _, child := range s.held() {
		if class, ok := child.judgment(); ok {
			return class, true
		}
	}
	return 0, false
}

// holds reports whether the tree has a leaf of a kind.
func (s sketch) holds(kind string) bool {
	if s.kind == kind {
		return true
	}
	for _, child := range s.held() {
		if child.holds(kind) {
			return true
		}
	}
	return false
}

// held returns the children that the error really wraps.
func (s sketch) held() []sketch {
	switch s.kind {
	case "two %w", "join":
		return s.children
	case "%w", "url", "net", "final":
		return s.children[:1]
	default:
		return nil
	}
}

func (s sketch) want() fault.Class {
	if s.err() == nil {
		return fault.ClassSuccess
	}
	switch class, judged := s.judgment(); {
	case judged:
		return class
	case s.holds("canceled"):
		return fault.ClassCanceled
	case s.holds("deadline"), s.holds("io timeout"):
		return fault.ClassTimeout
	default:
		return fault.ClassTransient
	}
}

// Of any tree, Of says what the rules say, and panics on none.
func TestOfAnyTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sketches(4, rapid.Bool().Draw(t, "judged")).Draw(t, "tree")
		err := s.err()
		assert.Equal(t, s.want(), fault.Of(err))

		after, hinted := fault.RetryAfter(err)
		assert.GreaterOrEqual(t, after, time.Duration(0))
		assert.True(t, hinted || after == 0)

		var timeout interface{ Timeout() bool }
		if errors.As(fault.Transient(err), &timeout) {
			timeout.Timeout() // must not panic either
		}
	})
}

// A mark stands, however often and in whatever the error is wrapped afterwards, as long as nobody judges again.
func TestAMarkSurvivesWrapping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		err := sketches(3, true).Draw(t, "tree").err()
		if err == nil {
			err = errPlain
		}
		name := rapid.SampledFrom([]string{"Permanent", "Transient", "Timeout", "Ignore", "Overload"}).Draw(t, "mark")
		want := map[string]fault.Class{
			"Permanent": fault.ClassPermanent, "Transient": fault.ClassTransient, "Timeout": fault.ClassTimeout,
			"Ignore": fault.ClassIgnored, "Overload": fault.ClassOverload,
		}[name]
		err = marks[name](err)
		for range rapid.IntRange(0, 20).Draw(t, "layers") {
			switch rapid.SampledFrom(slices.Concat(wrappers, []string{"beside a cancellation", "of its own"})).Draw(t, "layer") {
			case "%w":
				err = fmt.Errorf("wrapped: %w", err)
			case "two %w":
				err = fmt.Errorf("%w and %w", errPlain, err)
			case "join":
				err = errors.Join(nil, err, os.ErrDeadlineExceeded)
			case "beside a cancellation":
				err = errors.Join(context.Canceled, err)
			case "url":
				err = &url.Error{Op: "Get", URL: "/", Err: err}
			case "net":
				err = &net.OpError{Op: "read", Err: err}
			case "final":
				err = fault.Final(err)
			default:
				err = wrapping{err}
			}
		}
		assert.Equal(t, want, fault.Of(err))
	})
}

// Final says that no attempt follows, and nothing else.
func TestFinalChangesNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		err := sketches(4, true).Draw(t, "tree").err()
		if err == nil {
			err = errPlain
		}
		isFinal := fault.Final(err)
		assert.True(t, fault.IsFinal(isFinal))
		assert.Equal(t, fault.Of(err), fault.Of(isFinal))
		after, hinted := fault.RetryAfter(err)
		then, still := fault.RetryAfter(isFinal)
		assert.Equal(t, after, then)
		assert.Equal(t, hinted, still)
		assert.Equal(t, err.Error(), isFinal.Error())
	})
}
