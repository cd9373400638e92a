package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fault"
)

// Every policy asks for the class of every failure, and in an outage all calls are failures: to ask allocates nothing.
func TestAskingAllocatesNothing(t *testing.T) {
	for name, err := range map[string]error{
		"plain":               errPlain,
		"wrapped":             fmt.Errorf("get: %w", errPlain),
		"joined":              errors.Join(errPlain, errPlain),
		"marked":              fmt.Errorf("get: %w", fault.Permanent(errPlain)),
		"overload":            overload(errPlain),
		"canceled":            context.Canceled,
		"a timeout":           &url.Error{Op: "Get", URL: "/", Err: &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}},
		"backoff's":           backoff.Permanent(errPlain),
		"the driver's":        fault.End(errPlain, fault.ClassTimeout),
		"of a value type":     uncomparable{},
		"a superseded copy's": fault.Superseded(true),
		"final":               fmt.Errorf("get: %w", fault.Final(errPlain)),
		"with a decision":     errors.Join(errPlain, decision{time.Second, true}),
	} {
		t.Run(name, func(t *testing.T) {
			var class fault.Class
			assert.Zero(t, testing.AllocsPerRun(100, func() { class = fault.Of(err) }), "Of")
			assert.Zero(t, testing.AllocsPerRun(100, func() { class = fault.Classifier(nil).Of(err) }), "Classifier.Of")
			assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = fault.RetryAfter(err) }), "RetryAfter")
			assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = fault.Pushback(err) }), "Pushback")
			assert.Zero(t, testing.AllocsPerRun(100, func() { _ = fault.IsFinal(err) }), "IsFinal")
			assert.Zero(t, testing.AllocsPerRun(100, func() { _ = fault.Original(err) }), "Original")
			assert.True(t, class.Valid())
		})
	}
}

func TestAMarkIsOneAllocation(t *testing.T) {
	for name, mark := range marks {
		assert.InDelta(t, 1, testing.AllocsPerRun(100, func() { _ = mark(errPlain) }), 0, name)
	}
}
