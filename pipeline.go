package ductile

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ductile-go/ductile/budget"
)

// A Pipeline is a list of policies that calls go through, outermost first. It is made by [New], never changes, and is safe for
// concurrent use by any number of calls with any types of value. Keep one for each dependency: its policies remember how the
// dependency does. Most callers want [Do], [Run] or [Wrap].
//
// The zero Pipeline has no policies: calls go straight to their function.
type Pipeline struct {
	name      string
	policies  []Policy
	segment                    // the first
	budgets   []*budget.Budget // what first attempts are deposited in
	identity  *identity
	observers []Observer
	detach    []func()

	shareClock bool      // several policies want to know when a call ended
	base       time.Time // what the shared reading counts from
}

// identity is what a pipeline and its copies With observers have in common. It has a size: pointers to two of them differ.
type identity struct{ _ byte }

// New returns a pipeline of policies, outermost first: New("inventory", fallback, retry, breaker) is fallback(retry(breaker(fn))). Make
// it once, at startup: its policies remember. The name appears in telemetry, in reports and in the errors of this package (a breaker and
// a timeout, which may serve several pipelines, say their own), and need not be unique.
//
// Policies that make extra load, and bring no budget of their own, share one that belongs to the pipeline: see package budget.
//
// A list that makes no sense is a mistake of the program, and New panics, naming the policy: nil, a policy without a name, with no
// shape or several, one that only [NewConcurrent] takes, or a gate that stands in the list
// twice, which would count each call twice.
func New(name string, policies ...Policy) *Pipeline {
	p := build(name, policies, false)
	return &p
}

// build makes either kind of pipeline. The nodes of one between two cuts are linked.
func build(name string, policies []Policy, concurrent bool) Pipeline {
	p := Pipeline{name: name, identity: new(identity), policies: slices.Clone(policies)}
	var shared *budget.Budget
	nodes := make([]node, len(policies))
	clocks := 0
	for i, policy := range p.policies {
		if isNil(policy) {
			panic(fmt.Sprintf("ductile: pipeline %q: policy %d is nil", name, i+1))
		}
		if b, ok := policy.(budgeted); ok {
			own := b.Budget()
			if own == nil {
				if shared == nil {
					shared = budget.New()
				}
				own = shared
				if policy, ok = b.WithBudget(own).(Policy); !ok {
					panic(fmt.Sprintf("ductile: pipeline %q: policy %d (%q, a %T): its WithBudget returned no Policy", name, i+1, p.policies[i].Name(), b))
				}
			}
			if !slices.Contains(p.budgets, own) {
				p.budgets = append(p.budgets, own)
			}
			p.policies[i] = policy
		}
		n, err := shapeOf(policy)
		if err == nil && n.cuts() && !concurrent {
			err = fmt.Errorf("needs NewConcurrent: a pipeline of New never calls its function twice at once, nor after the call has ended")
		}
		if err == nil && n.counts() && slices.ContainsFunc(policies[:i], func(other Policy) bool { return same(policy, other) }) {
			err = fmt.Errorf("stands in the pipeline twice: it would count each call twice")
		}
		if err != nil {
			panic(fmt.Sprintf("ductile: pipeline %q: policy %d (%q, a %T) %v", name, i+1, policy.Name(), policy, err))
		}
		if n.timed != nil || n.hedger != nil {
			clocks++
		}
		nodes[i] = n
	}
	p.segment = segments(nodes)
	if clocks+len(p.budgets) > 1 {
		p.shareClock, p.base = true, time.Now()
	}
	return p
}

// budgeted is a policy that makes extra load: a Retrier, and any type may be one. Budget returns what it draws on, nil to draw on the
// pipeline's; WithBudget then returns a copy of the policy that draws on b.
type budgeted interface {
	Budget() *budget.Budget
	WithBudget(b *budget.Budget) any
}

// counts reports whether a policy remembers calls, so that it must not stand in one pipeline twice.
func (n *node) counts() bool { return n.gate != nil || n.hedger != nil || n.middleware != nil }

// shapeOf returns a node with the one shape that a policy has.
func shapeOf(policy Policy) (node, error) {
	n := node{name: policy.Name()}
	if n.name == "" {
		return n, fmt.Errorf("has no name: errors and telemetry could not say which policy it was (was it made by its package's New?)")
	}
	var shapes []string
	var ok bool
	if n.gate, ok = policy.(Gate); ok {
		shapes = append(shapes, "Gate")
		n.timed, _ = policy.(timedGate)
	}
	if n.retrier, ok = policy.(Retrier); ok {
		shapes = append(shapes, "Retrier")
	}
	if n.deadline, ok = policy.(Deadline); ok {
		shapes = append(shapes, "Deadline")
		d, may := policy.(interface{ Detached() bool })
		n.detached = may && d.Detached()
	}
	if n.fallback, ok = policy.(Fallback); ok {
		shapes = append(shapes, "Fallback")
	}
	if n.hedger, ok = policy.(Hedger); ok {
		shapes = append(shapes, "Hedger")
	}
	if n.middleware, ok = policy.(Middleware); ok {
		shapes = append(shapes, "Middleware")
	}
	switch len(shapes) {
	case 1:
		return n, nil
	case 0:
		return n, fmt.Errorf("has no shape: it needs the methods of a Gate, a Retrier, a Deadline, a Fallback, a Hedger or a Middleware")
	default:
		return n, fmt.Errorf("has several shapes (%s): make it several policies", strings.Join(shapes, ", "))
	}
}

// isNil reports whether a policy or an observer is nil, or holds a nil pointer.
func isNil(x any) bool {
	if x == nil {
		return true
	}
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice:
		return v.IsNil()
	default:
		return false
	}
}

// same reports whether two policies are one object. Values have no identity, nor have objects without a size, which hold no state.
func same(a, b Policy) bool {
	t := reflect.TypeOf(a)
	return t == reflect.TypeOf(b) && t.Kind() == reflect.Pointer && t.Elem().Size() > 0 && a == b
}

// Name returns the pipeline's name.
func (p *Pipeline) Name() string { return p.name }

// Policies returns the pipeline's policies, outermost first.
func (p *Pipeline) Policies() []Policy { return slices.Clone(p.policies) }

// String returns the pipeline as a line for itself and one for each policy, outermost first. A policy with a method String says
// there what it does.
func (p *Pipeline) String() string {
	width := 0
	for _, policy := range p.policies {
		width = max(width, len(policy.Name()))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "pipeline %q", p.name)
	if len(p.policies) == 0 {
		b.WriteString(": no policies")
	}
	for _, policy := range p.policies {
		fmt.Fprintf(&b, "\n  %-*s  ", width, policy.Name())
		if s, ok := policy.(fmt.Stringer); ok {
			b.WriteString(s.String())
		} else {
			fmt.Fprintf(&b, "%T", policy)
		}
	}
	return b.String()
}

// run makes one call.
func (p *Pipeline) run(ctx context.Context, fn body) error {
	if p == nil {
		panic("ductile: a call was given a nil Pipeline: make one by New")
	}
	c := call{pipeline: p, attempt: 1, copy: 1}
	return p.enter(ctx, &c, fn)
}

// enter begins a call, tells those who watch, and runs the policies of the first segment.
func (p *Pipeline) enter(ctx context.Context, c *call, fn body) error {
	var report *Report
	if s := scopeOf(ctx); s != nil {
		ctx, report = s.enter(ctx, c)
	}
	if len(p.observers) > 0 || report != nil {
		if ctx, c.watch = p.begin(ctx, report); c.watch != nil {
			return p.runWatched(ctx, c, fn)
		}
	}
	return p.head.run(ctx, c, fn)
}
