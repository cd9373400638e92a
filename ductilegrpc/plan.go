package ductilegrpc

import (
	"fmt"
	"math"
	"time"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile"
)

// The codes of warnings that only this package has.
const (
	// WarnFallbackType is about a fallback that has no answer of the type of calls, or of streams: each fails.
	WarnFallbackType = "fallback-type"
	// WarnTimeoutAroundStreams is about a timeout that limits the whole life of streams.
	WarnTimeoutAroundStreams = "timeout-around-streams"
)

// Plan returns what one unary call can come to at worst: the plan of the client's pipeline (see ductile.Pipeline.Plan), with warnings and notes
// of what only the client knows. That of [NewKeyedClient] is of the pipeline of the empty key, which it asks its set for.
//
// A test keeps a client free of warnings by ductiletest.NoWarnings(t, client).
func (c *Client) Plan() ductile.Plan {
	p := c.example(false)
	plan := planOf(p, new(any), "unary call")
	plan.Notes = append(plan.Notes, repeatable(p, "a method", "call")...)
	if c.streams == nil {
		plan.Notes = append(plan.Notes, "streams go through the same pipeline: StreamPlan says what becomes of them.")
	}
	return plan
}

// StreamPlan is [Client.Plan] for streams, which go through the pipeline of the option [Streams] where there is one.
//
//	ductiletest.NoWarnings(t, ductiletest.PlannerFunc(client.StreamPlan))
func (c *Client) StreamPlan() ductile.Plan {
	p := c.example(true)
	plan := planOf(p, new(grpc.ClientStream), "stream")
	plan.Warnings = append(plan.Warnings, endless(p)...)
	plan.Notes = append(plan.Notes, repeatable(p, "a stream of a method", "stream")...)
	plan.Notes = append(plan.Notes, "a stream is one call from its start to its end, and holds its permits for as long; it is repeated only until its first message.")
	return plan
}

// Plan returns what one call of a handler can come to at worst: the plan of the server's pipeline (see ductile.Pipeline.Plan), with notes.
// That of [NewKeyedServer] is of the pipeline of the empty key, which it asks its set for.
func (s *Server) Plan() ductile.Plan {
	plan := s.example().Plan()
	plan.Notes = append(plan.Notes, "a stream is one call from its start to its end, under the same timeouts, and holds its permits for as long.")
	return plan
}

// planOf returns the plan of a pipeline, with what is wrong with it for calls whose value goes to out.
func planOf(p ductile.Composed, out any, what string) ductile.Plan {
	plan := p.Plan()
	if w, found := plan.HangingAttempt(); found {
		plan.Warnings = append(plan.Warnings, w)
	}
	for _, policy := range p.Policies() {
		if f, ok := policy.(ductile.Fallback); ok && !f.Accepts(out) {
			plan.Warnings = append(plan.Warnings, ductile.Warning{
				Code: WarnFallbackType, Policy: f.Name(),
				Text:   fmt.Sprintf("%q cannot answer for a %s, so each of them fails.", f.Name(), what),
				Remedy: "Make it by ductilegrpc.Fallback, or leave it out.",
			})
		}
	}
	return plan
}

// endless warns of timeouts around streams.
func endless(p ductile.Composed) (list []ductile.Warning) {
	for _, policy := range p.Policies() {
		d, ok := policy.(ductile.Deadline)
		if !ok {
			continue
		}
		after := "the time that it allows"
		if w, ok := d.(interface{ Worst() time.Duration }); ok && w.Worst() < math.MaxInt64 {
			after = w.Worst().String()
		}
		list = append(list, ductile.Warning{
			Code: WarnTimeoutAroundStreams, Policy: d.Name(),
			Text:   fmt.Sprintf("%q ends every stream after %s, however well it goes.", d.Name(), after),
			Remedy: "Leave it out of the pipeline for streams (see the option Streams), unless none is to last longer.",
		})
	}
	return list
}

// repeatable says which calls the numbers hold for.
func repeatable(p ductile.Composed, whose, what string) []string {
	for _, policy := range p.Policies() {
		switch policy.(type) {
		case ductile.Retrier, ductile.Hedger:
			return []string{whose + " that nobody said is safe to call twice (its idempotency_level, the option Methods, or Is with the call) is sent once: " +
				"further attempts are made only where the " + what + " never left or was refused unprocessed, and it has no copies."}
		}
	}
	return nil
}
