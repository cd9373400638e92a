package deadline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// The driver asks whose time was up first: its own layer's, or that of whoever called. Where nobody had asked in between, a parent that
// was canceled is taken for the first: it may have been.
func TestRanOut(t *testing.T) {
	const second = time.Second
	for _, row := range []struct {
		name     string
		parent   time.Duration // its deadline, none if zero
		canceled time.Duration // when the parent is, never if zero
		waiting  bool          // somebody has asked for the channel
		passes   time.Duration
		want     bool
	}{
		{name: "early", passes: second / 2, want: false},
		{name: "at its time", passes: second, want: true},
		{name: "late", passes: time.Hour, want: true},
		{name: "the parent was canceled before", canceled: second / 2, passes: second, want: false},
		{name: "the parent was canceled before, early", canceled: second / 4, passes: second / 2, want: false},
		{name: "the parent was canceled before, and somebody waited", canceled: second / 2, waiting: true, passes: second, want: false},
		{name: "the parent was canceled after, and somebody waited", canceled: 2 * second, waiting: true, passes: 3 * second, want: true},
		{name: "the parent was canceled after, and nobody asked", canceled: 2 * second, passes: 3 * second, want: false},
		{name: "the parent's deadline has passed, too", parent: 2 * second, passes: 3 * second, want: true},
		{name: "the parent's deadline has passed, too, and somebody waited", parent: 2 * second, waiting: true, passes: 3 * second, want: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancel(t.Context())
				defer cancel()
				if row.parent > 0 {
					parent, cancel = context.WithTimeout(parent, row.parent)
					defer cancel()
				}
				if row.canceled > 0 {
					time.AfterFunc(row.canceled, cancel)
				}
				ctx := within(parent, second)
				defer ctx.End()
				if row.waiting {
					ctx.Done()
				}
				time.Sleep(row.passes)
				synctest.Wait()
				assert.Equal(t, row.want, ctx.RanOut())
			})
		})
	}
}
