package ductile

import (
	"context"
	"sync/atomic"
)

// A concurrent call is the serial driver, cut wherever something may run twice at once, or outlive the call. Between two cuts the
// policies are a list like that of Do; at a cut each copy of the call goes on with a call and a cell of its own.

// A segment is the policies up to a cut, the cut, and what is inside of it.
type segment struct {
	head *node    // nil where there are no policies
	cut  *node    // a Hedger, a Middleware or a detached Deadline; nil where fn comes next
	rest *segment // inside the cut
}

// cuts reports whether a concurrent call is cut at n.
func (n *node) cuts() bool { return n.hedger != nil || n.middleware != nil || n.detached }

// segments links the nodes between two cuts.
func segments(nodes []node) segment {
	var s segment
	for i := range nodes {
		n := &nodes[i]
		if n.cuts() {
			rest := segments(nodes[i+1:])
			s.cut, s.rest = n, &rest
			return s
		}
		if i == 0 {
			s.head = n
		} else {
			nodes[i-1].next = n
		}
	}
	return s
}

// together is what a call knows of those it belongs to. It is empty in a serial call.
type together struct {
	joint  *joint        // of all copies
	reach  *reach        // of the cut around this copy
	copies *atomic.Int64 // how many copies the outermost hedge has numbered
	cut    bool          // a cut is what comes next in this segment, and not fn
}

// joint is what all copies of one call share.
type joint struct {
	deposited atomic.Bool // the budgets have had their share of the first attempt
	async     bool        // the first copy runs on a goroutine of its own
}

// reach says whether anything inside a cut has reached fn, to those around it.
type reach struct {
	reached atomic.Bool
	outer   *reach
}

// runConcurrent makes one call.
func (p *Pipeline) runConcurrent(ctx context.Context, v cell, j *joint) error {
	c := call{pipeline: p, attempt: 1, copy: 1, together: together{joint: j, cut: p.cut != nil}}
	return p.enter(ctx, &c, p.inside(&c, v))
}

// run runs the policies from here on, and fn inside them, with its value kept in v.
func (s *segment) run(ctx context.Context, c *call, v cell) error {
	around := c.cut
	c.cut = s.cut != nil
	err := s.head.run(ctx, c, s.inside(c, v))
	c.cut = around
	return err
}

// inside returns what the policies of the segment have inside them.
func (s *segment) inside(c *call, v cell) body {
	if s.cut == nil {
		return v.body
	}
	return func(ctx context.Context, f Fallback, cause error) (by string, err error) {
		if f != nil {
			return v.body(ctx, f, cause)
		}
		return "", s.cross(ctx, c, v)
	}
}

// cross goes through the cut.
func (s *segment) cross(ctx context.Context, c *call, v cell) error {
	switch {
	case s.cut.hedger != nil:
		return s.runHedger(ctx, c, v)
	case s.cut.middleware != nil:
		return s.runMiddleware(ctx, c, v)
	default:
		return s.runDetached(ctx, c, v)
	}
}

// part returns what a copy begins its call with.
func (c *call) part(r *reach) call {
	part := call{pipeline: c.pipeline, watch: c.watch, attempt: c.attempt, copy: c.copy, once: c.once, single: c.single, sent: c.sent, together: c.together}
	r.outer = c.reach
	part.reach = r
	return part
}

// join notes on the caller's goroutine what the parts of a call did.
func (c *call) join(r *reach, started, attempt int) {
	if c.started == started && r.reached.Load() {
		c.started++
	}
	c.attempt = max(c.attempt, attempt)
}
