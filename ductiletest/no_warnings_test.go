package ductiletest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

// heard is a test that is told of what is wrong, and only notes it.
type heard struct {
	testing.TB
	errors, logs []string
}

func (h *heard) Helper() {}
func (h *heard) Errorf(format string, args ...any) {
	h.errors = append(h.errors, fmt.Sprintf(format, args...))
}
func (h *heard) Log(args ...any) { h.logs = append(h.logs, fmt.Sprint(args...)) }

func TestNoWarnings(t *testing.T) {
	told := func(p ductile.Composed, but ...string) *heard {
		h := &heard{TB: t}
		NoWarnings(h, p, but...)
		return h
	}
	wild := ductile.NewConcurrent("wild", hedge.New(hedge.Budget(budget.Unlimited())))

	assert.Empty(t, told(standard.Client("calm")).errors)
	assert.Empty(t, told(standard.Client("calm")).logs)

	h := told(wild)
	assert.Equal(t, []string{
		`pipeline "wild": no-deadline: Nothing in the pipeline bounds how long a call takes. Put a timeout around the whole call, and one around` +
			` each attempt.`,
		`pipeline "wild": hedge-without-budget: "hedge" may make 2 copies of every call, most of all while the dependency is slow. Leave the` +
			` option Budget out, or give it a budget that several pipelines share.`,
	}, h.errors)
	assert.Equal(t, []string{wild.Plan().String()}, h.logs)

	assert.Len(t, told(wild, ductile.WarnNoDeadline).errors, 1)
	assert.Empty(t, told(wild, ductile.WarnNoDeadline, ductile.WarnHedgeWithoutBudget).errors)
	assert.Equal(t, []string{`pipeline "calm": nothing needs the exception for "no-deadline": take it out`},
		told(ductile.New("calm", timeout.New(time.Second)), ductile.WarnNoDeadline).errors)
}
