package ductiletest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/internal/refuse"
)

// sense refuses what makes none: everything, and not just the first.
func (s *Simulation) sense() error {
	var problems []error
	if s.Pipeline == nil {
		problems = append(problems, refuse.Value("ductiletest", "Pipeline", "nil", "a function that makes the pipeline"))
	}
	problems = append(problems, s.Load.sense(), s.Dependency.sense(s.Load.For))
	if !(s.Healthy >= 0 && s.Healthy <= 1) {
		problems = append(problems, refuse.Value("ductiletest", "Healthy", s.Healthy, "a share, above 0 to 1"))
	}
	if s.Every < 0 || s.Every > 0 && s.Load.For/s.Every >= maxRows {
		problems = append(problems, refuse.Value("ductiletest", "Every", s.Every, fmt.Sprintf("above zero, and long enough for %d rows at most", maxRows)))
	}
	return errors.Join(problems...)
}

// maxRows is how many rows the timeline has at most.
const maxRows = 1000

// run makes the simulation.
func (s Simulation) run(t *testing.T) (*Result, error) {
	t.Helper()
	if err := s.sense(); err != nil {
		return nil, err
	}
	if s.Call == nil {
		s.Call = Answering[struct{}]
	}
	if s.Healthy == 0 {
		s.Healthy = 0.95
	}
	if s.Every == 0 {
		s.Every = rowFor(s.Load.For)
	}
	r := &recording{result: &Result{Simulation: s}}
	if problem := inBubble(t, func() { s.play(r) }); problem != "" {
		what := "Pipeline left goroutines behind, which wait for something that will not come: end them in what Pipeline makes"
		if !r.over {
			what = "calls never ended, for they wait for something that will not come"
		}
		r.wrong(fmt.Errorf("ductiletest: Simulate: %s (%s)", what, problem))
	}
	return r.result, r.problem
}

// inBubble runs f in a bubble, and returns what synctest says where it is blocked for good.
func inBubble(t *testing.T, f func()) (problem string) {
	t.Helper()
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if err, ok := r.(error); !ok || !strings.HasPrefix(err.Error(), "deadlock") {
			panic(r)
		}
		problem = fmt.Sprint(r)
	}()
	synctest.Test(t, func(*testing.T) { f() })
	return ""
}

// play is what happens in the bubble.
func (s Simulation) play(r *recording) {
	r.start()
	p, err := s.build()
	if err != nil {
		r.wrong(err)
		return
	}
	r.result.Name, r.result.pipeline = p.Name(), p.String()
	s.seedPolicies(p)
	stop := r.listen(p)
	watched := p
	switch p := p.(type) {
	case interface {
		With(observers ...ductile.Observer) *ductile.Pipeline
	}:
		watched = p.With(r)
	case interface {
		With(observers ...ductile.Observer) *ductile.ConcurrentPipeline
	}:
		watched = p.With(r)
	}
	dependency := newServer(s.Dependency, mixed(s.Seed, ofWork), r)
	_, serial := watched.(*ductile.Pipeline)
	dependency.copies = !serial
	s.makeCalls(watched, dependency, r)
	dependency.close()
	dependency.work.Wait()
	synctest.Wait()
	stop()
	r.leaks(p)
	r.finish()
}

// build calls Pipeline, whose panic is a mistake of the user's that deserves its words.
func (s Simulation) build() (p ductile.Composed, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("ductiletest: Simulate: Pipeline panicked: %v", r)
		}
	}()
	p = s.Pipeline()
	if v := reflect.ValueOf(p); p == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, refuse.Value("ductiletest", "Pipeline", "…", "a function that returns a pipeline: it returned nil")
	}
	return p, nil
}

// seedPolicies gives the policies that draw something to draw from.
func (s Simulation) seedPolicies(p ductile.Composed) {
	for i, policy := range p.Policies() {
		if draws, ok := policy.(interface{ DrawFrom(source rand.Source) }); ok {
			draws.DrawFrom(&lockedSource{pcg: rand.NewPCG(mixed(s.Seed, uint64(i)), ofPolicy)})
		}
	}
}

// lockedSource may be drawn from by several goroutines.
type lockedSource struct {
	mu  sync.Mutex
	pcg *rand.PCG
}

func (l *lockedSource) Uint64() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pcg.Uint64()
}

// makeCalls makes the calls, each when it is due, and waits for their ends.
func (s Simulation) makeCalls(p ductile.Composed, d *server, r *recording) {
	crew := crew{work: func(j *journey) { s.makeCall(j, p, d) }}
	due := s.Load.arrivals(s.Seed)
	for n := uint64(1); !r.failed(); n++ {
		at, more := due.next()
		if !more {
			break
		}
		time.Sleep(at - r.now())
		crew.send(&journey{recording: r, number: n, at: r.now()})
	}
	crew.dismiss()
}

// makeCall makes one call.
func (s Simulation) makeCall(j *journey, p ductile.Composed, d *server) {
	ctx := context.Context(&traveling{context.Background(), j})
	if s.Load.Deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Load.Deadline)
		defer cancel()
	}
	j.made()
	returned := false
	defer func() {
		if !returned {
			value := recover()
			said := "runtime.Goexit"
			if value != nil {
				said = fmt.Sprintf("%v\n\n%s", value, debug.Stack())
			}
			j.broke(said)
		}
	}()
	err := s.Call(ctx, p, func(ctx context.Context) error {
		return d.ask(ctx, task{j.number, j.asks.Add(1), j.at})
	})
	returned = true
	if mismatch := (*ductile.MismatchError)(nil); errors.As(err, &mismatch) {
		j.wrong(fmt.Errorf("ductiletest: Call: must be Answering of the type that the fallback answers with, as Answering[Stock]: %w", err))
	}
	j.ended(err)
}
