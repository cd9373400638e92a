package ductilehttp

import (
	"context"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// resendKey is where an attempt finds how often its request was sent before.
type resendKey struct{}

// ResendCount returns how often the request whose context this is was sent before, by the transport that it comes from: 0 for the first attempt. It is
// the attribute http.request.resend_count of OpenTelemetry's conventions, for a base transport that records what it sends. Copies of a hedge
// count as well.
func ResendCount(ctx context.Context) int {
	n, _ := ctx.Value(resendKey{}).(int)
	return n
}

// tell adds to the request of an attempt the headers that were asked for. The caller's own are left as they are.
func (c *config) tell(r *http.Request, resent int) {
	if r.Header == nil { // which net/http refuses
		return
	}
	own := false
	set := func(name, value string) {
		if !own {
			r.Header = maps.Clone(r.Header)
			own = true
		}
		r.Header[name] = []string{value}
	}
	if c.resendHeader != "" && resent > 0 {
		set(c.resendHeader, strconv.Itoa(resent))
	}
	if c.deadlineHeader != "" {
		if deadline, ok := r.Context().Deadline(); ok {
			set(c.deadlineHeader, strconv.FormatInt(max(time.Until(deadline).Milliseconds(), 0), 10))
		}
	}
}

// limit returns the context of a request, with the deadline that its client sends, where that is honored.
func (c *handlerConfig) limit(r *http.Request) (context.Context, context.CancelFunc) {
	if c.deadline != "" {
		if values := r.Header[c.deadline]; len(values) == 1 {
			if left, ok := milliseconds(values[0]); ok {
				return context.WithTimeout(r.Context(), left)
			}
		}
	}
	return r.Context(), func() {}
}

// milliseconds returns a number of them, of a day at most.
func milliseconds(value string) (time.Duration, bool) {
	const day = 24 * time.Hour
	n, err := strconv.ParseUint(value, 10, 32)
	left := time.Duration(n) * time.Millisecond
	return left, err == nil && left <= day
}
