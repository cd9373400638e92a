package ductilehttp

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// meanwhile is a context that asks: while Err is called, the body ends, and releases it.
type meanwhile struct {
	context.Context
	a *ahead
}

func (m *meanwhile) Err() error {
	if m.a.err == nil {
		m.a.err = io.EOF
		close(m.a.done)
	}
	return context.Canceled
}

// A body that ended, and released its context, just while its context was asked seemed to have been cut off.
func TestRegressionABodyThatEndsMeanwhile(t *testing.T) {
	c := &meanwhile{Context: context.Background()}
	a := &ahead{body: &body{ReadCloser: io.NopCloser(strings.NewReader("")), ctx: c}, done: make(chan struct{})}
	c.a = a
	assert.False(t, ended(&http.Response{Body: a}), "all of it has come, before the context was released")
}
