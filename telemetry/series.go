package telemetry

import (
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// Names come from the program; a program that makes them of what it is sent has no end of them. So there is a bound on how many are told
// apart.
const (
	mostPipelines = 1000     // of an observer
	mostPolicies  = 32       // in the pipelines of one name, the names of a fallback's links among them
	others        = "_other" // is what all further ones are called
)

// series is what is kept for the pipelines of one name.
type series struct {
	pipeline    string
	callSpan    string
	attemptSpan string
	callOptions []trace.SpanStartOption
	name        attribute.KeyValue

	active atomic.Int64      // calls that run
	lines  [subjects]limited // of logs

	// What every call needs is found without a lock.
	calls    [outcomes]atomic.Pointer[tags]
	attempts [reasons][outcomes]atomic.Pointer[tags]

	mu       sync.RWMutex
	sets     map[labels]*tags
	policies map[string]struct{}
}

// A label is an attribute.
type label struct{ key, value string }

// labels are the attributes of a measurement besides the pipeline.
type labels struct {
	policy          string
	one, two, three label
}

// tags are a set of attributes as instruments take them.
type tags struct {
	add     []metric.AddOption
	record  []metric.RecordOption
	observe []metric.ObserveOption
}

// seriesOf returns that of a name.
func (o *Observer) seriesOf(pipeline string) *series {
	if s := (*o.series.Load())[pipeline]; s != nil {
		return s
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	known := *o.series.Load()
	if known[pipeline] == nil && len(known) >= mostPipelines {
		pipeline = others
	}
	s := known[pipeline]
	if s == nil {
		s = newSeries(pipeline)
		known = maps.Clone(known)
		known[pipeline] = s
		o.series.Store(&known)
	}
	return s
}

func newSeries(pipeline string) *series {
	s := &series{
		pipeline: pipeline, callSpan: pipeline, attemptSpan: pipeline + " attempt", name: attribute.String(keyPipeline, pipeline),
		sets: map[labels]*tags{}, policies: map[string]struct{}{},
	}
	if pipeline == "" {
		s.callSpan, s.attemptSpan = "call", "attempt"
	}
	s.callOptions = []trace.SpanStartOption{trace.WithAttributes(s.name)}
	return s
}

// tags returns the attributes of a measurement, which are made once.
func (s *series) tags(l labels) *tags {
	s.mu.RLock()
	t := s.sets[l]
	s.mu.RUnlock()
	if t != nil {
		return t
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l.policy = s.known(l.policy)
	if l.one.key == keyAnsweredBy {
		l.one.value = s.known(l.one.value)
	}
	if t = s.sets[l]; t == nil {
		t = s.newTags(label{keyPolicy, l.policy}, l.one, l.two, l.three)
		s.sets[l] = t
	}
	return t
}

// known returns a policy's name, or others. The caller holds mu.
func (s *series) known(policy string) string {
	if _, ok := s.policies[policy]; ok || policy == "" {
		return policy
	}
	if len(s.policies) >= mostPolicies {
		return others
	}
	s.policies[policy] = struct{}{}
	return policy
}

// policy returns what a policy is called in telemetry.
func (s *series) policy(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known(name)
}

// ofCall returns the attributes of a call that has ended.
func (s *series) ofCall(end outcome, failed bool) *tags {
	return s.atOnce(&s.calls[end], failed, label{keyOutcome, end.String()}, label{})
}

// ofAttempt returns the attributes of an attempt that has ended.
func (s *series) ofAttempt(why reason, end outcome, failed bool) *tags {
	return s.atOnce(&s.attempts[why][end], failed, label{keyOutcome, end.String()}, label{keyReason, why.String()})
}

func (s *series) atOnce(at *atomic.Pointer[tags], failed bool, one, two label) *tags {
	if t := at.Load(); t != nil {
		return t
	}
	var class label
	if failed {
		class = label{keyError, one.value}
	}
	t := s.newTags(one, two, class)
	at.Store(t)
	return t
}

// newTags makes a set of the attributes that have a value.
func (s *series) newTags(those ...label) *tags {
	attributes := []attribute.KeyValue{s.name}
	for _, l := range those {
		if l.value != "" {
			attributes = append(attributes, attribute.String(l.key, l.value))
		}
	}
	with := metric.WithAttributeSet(attribute.NewSet(attributes...))
	return &tags{add: []metric.AddOption{with}, record: []metric.RecordOption{with}, observe: []metric.ObserveOption{with}}
}
