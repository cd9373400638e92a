package hedge_test

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/hedge"
)

// What the tests of this package have in common.

const noDeadline = time.Duration(math.MaxInt64)

var errDown = errors.New("down")

// in runs a test of that name in a bubble, where time is virtual.
func in(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Helper()
		synctest.Test(t, test)
	})
}

// answers tells a hedge of answers that all took so long.
func answers(p *hedge.Policy, n int, took time.Duration) {
	for range n {
		p.Observe(took, nil)
	}
}

// look lets the time pass after which a hedge looks at what it has seen, and makes it do so, by an end that counts for nothing.
func look(p *hedge.Policy) {
	time.Sleep(time.Second)
	p.Observe(0, errDown)
}

// knows reports the delay that a hedge has, which must lie from want to a sixteenth above it.
func knows(t *testing.T, p *hedge.Policy, want time.Duration, msg ...any) {
	t.Helper()
	delay, more := p.Delay(1)
	assert.True(t, more, msg...)
	assert.LessOrEqual(t, want, delay, msg...)
	assert.LessOrEqual(t, delay, want+want/16, msg...)
}

func knowsNothing(t *testing.T, p *hedge.Policy, msg ...any) {
	t.Helper()
	delay, more := p.Delay(1)
	assert.False(t, more, msg...)
	assert.Zero(t, delay, msg...)
}
