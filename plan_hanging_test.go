package ductile_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// An attempt that hangs takes the time of all where a timeout is around the retry, and none inside of it.
func TestHangingAttempt(t *testing.T) {
	const s = time.Second
	total, each := timeout.New(20*s, timeout.Name("total")), timeout.New(5*s, timeout.Name("each"))
	asked := timeout.From(func(context.Context) time.Duration { return s })
	again := retry.New(retry.Name("again"))
	type policies = []ductile.Policy
	for name, row := range map[string]struct {
		policies
		found bool
	}{
		"a retry in a timeout":            {policies{total, again, breaker.New()}, true},
		"around a timeout":                {policies{total, again, breaker.New(), each}, false},
		"and one that is asked":           {policies{total, again, asked}, false},
		"and one that may limit":          {policies{total, again, strangeAround{}}, false},
		"and one that does not":           {policies{total, again, frank{calls: 1}}, true},
		"without a timeout":               {policies{again, breaker.New()}, false},
		"one that makes one attempt":      {policies{total, retry.New(retry.Attempts(1))}, false},
		"a hedge, whose copy goes anyway": {policies{total, hedge.New()}, false},
		"a retry around a hedge":          {policies{total, again, hedge.New()}, true},
		"a fallback inside":               {policies{total, again, fallback.Value(1)}, true},
		"nothing":                         {policies{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, found := ductile.NewConcurrent("p", row.policies...).Plan().HangingAttempt()
			assert.Equal(t, row.found, found)
			if found {
				assert.Equal(t, `attempt-without-timeout: An attempt of "again" that hangs uses up the time of all of them. `+
					"Put a timeout for each attempt inside of it.", w.String())
			}
		})
	}
	_, found := ductile.Plan{}.HangingAttempt()
	assert.False(t, found)
}

// What an adapter adds is printed.
func TestNotes(t *testing.T) {
	p := ductile.New("p", timeout.New(time.Second)).Plan()
	p.Notes = append(p.Notes, "only for calls on Mondays")
	assert.True(t, strings.HasSuffix(p.String(), "\nnote: only for calls on Mondays"))
}
