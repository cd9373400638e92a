package telemetry

import (
	"sync"

	"go.opentelemetry.io/otel/metric"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/safemode"
)

// A registry knows what can be read in the pipelines that are attached. Two pipelines of one name may share a policy or a budget: it is there once.
type registry struct {
	// coming is held to attach and to leave. It is not held to read: the SDK reads under a lock of its own, and takes that to register.
	coming   sync.Mutex
	callback metric.Registration // while pipelines are attached

	mu       sync.Mutex      // held to read; changes are made with coming held besides
	attached map[*series]int // how many pipelines of a name
	members  map[member]*membership
	modes    map[*safemode.Mode]*membership // again: each once, in however many pipelines it is
	past     map[where]totals               // of members that have left: a counter must not go down
}

func newRegistry() registry {
	return registry{attached: map[*series]int{}, members: map[member]*membership{}, modes: map[*safemode.Mode]*membership{}, past: map[where]totals{}}
}

// where is how telemetry tells members apart. Policies of one name are read together.
type where struct {
	series *series
	policy string
}

// A member is a policy or a budget in the pipelines of a name.
type member struct {
	where
	is any // a pointer
}

// A membership is how a member is attached.
type membership struct {
	pipelines int    // that have it
	before    totals // what it had counted before
	stop      func() // listening to it; nil if nobody does
}

// totals are what members count by themselves.
type totals struct {
	waits   int64 // of a bulkhead's queue
	seconds float64
	refused int64 // by a budget
}

func (t totals) plus(u totals) totals {
	return totals{t.waits + u.waits, t.seconds + u.seconds, t.refused + u.refused}
}

func (t totals) minus(u totals) totals {
	return totals{t.waits - u.waits, t.seconds - u.seconds, t.refused - u.refused}
}

// totals returns what a member has counted since it was made.
func (m member) totals() totals {
	switch is := m.is.(type) {
	case *bulkhead.Bulkhead:
		s := is.Snapshot()
		return totals{waits: int64(s.Waits), seconds: s.WaitTime.Seconds()}
	case *budget.Budget:
		return totals{refused: int64(is.Snapshot().Refused)}
	default:
		return totals{}
	}
}

// Attach implements ductile.Attacher: the states of the pipeline's policies are read until it is detached. A meter's callback must do neither, for
// the SDK holds a lock meanwhile.
func (o *Observer) Attach(p ductile.Composed) (detach func()) {
	s := o.seriesOf(p.Name())
	members := membersOf(s, p.Policies())
	r := &o.registry
	r.coming.Lock()
	defer r.coming.Unlock()
	r.mu.Lock()
	for _, m := range members {
		in := r.members[m]
		if in == nil {
			in = &membership{before: m.totals(), stop: o.listen(m)}
			r.members[m] = in
		}
		in.pipelines++
		o.trace(m)
	}
	r.attached[s]++
	r.mu.Unlock()
	o.watch()
	return sync.OnceFunc(func() { o.leave(s, members) })
}

// membersOf returns what can be read in a pipeline. Types that only look like ours are left out: what they do under a lock, nobody knows.
func membersOf(s *series, policies []ductile.Policy) (members []member) {
	budgets := map[*budget.Budget]bool{}
	for _, policy := range policies {
		w := where{s, s.policy(policy.Name())}
		switch policy.(type) {
		case *breaker.Breaker, *bulkhead.Bulkhead, *ratelimit.Limiter, *hedge.Policy:
			members = append(members, member{w, policy})
		}
		if mode := modeOf(policy); mode != nil {
			members = append(members, member{w, mode})
		}
		spender, ok := policy.(interface{ Budget() *budget.Budget })
		if !ok {
			continue
		}
		if b := spender.Budget(); b != nil && !budgets[b] { // it is said of the outermost policy that draws on it
			budgets[b] = true
			members = append(members, member{w, b})
		}
	}
	return members
}

// leave takes the members of a pipeline out.
func (o *Observer) leave(s *series, members []member) {
	r := &o.registry
	r.coming.Lock()
	defer r.coming.Unlock()
	r.mu.Lock()
	for _, m := range members {
		r.untrace(m)
		in := r.members[m]
		if in.pipelines--; in.pipelines > 0 {
			continue
		}
		delete(r.members, m)
		if in.stop != nil {
			in.stop()
		}
		if counted := m.totals().minus(in.before); counted != (totals{}) {
			r.past[m.where] = r.past[m.where].plus(counted)
		}
	}
	if r.attached[s]--; r.attached[s] == 0 {
		delete(r.attached, s)
	}
	r.mu.Unlock()
	o.watch()
}

// listen hears of the changes of a breaker, or a mode.
func (o *Observer) listen(m member) (stop func()) {
	switch is := m.is.(type) {
	case *breaker.Breaker:
		return is.Listen(func(t breaker.Transition) { o.changed(m.where, t) })
	case *safemode.Mode:
		return is.Listen(func(c safemode.Change) { o.modeChanged(m.where, c) })
	default:
		return nil
	}
}
