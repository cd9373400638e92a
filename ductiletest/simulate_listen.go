package ductiletest

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/ductile-go/ductile"
)

// What policies have to tell besides calls is found by how their methods look, so that a breaker of one's own is heard like ours.

// mostTransitions is how many are kept.
const mostTransitions = 10_000

// listen listens to all policies of a pipeline that have something to tell, until stop is called.
func (r *recording) listen(p ductile.Composed) (stop func()) {
	var stops []func()
	for _, policy := range p.Policies() {
		listen := reflect.ValueOf(policy).MethodByName("Listen")
		if !listen.IsValid() || !tellsTransitions(listen.Type()) {
			continue
		}
		name := policy.Name()
		listener := reflect.MakeFunc(listen.Type().In(0), func(told []reflect.Value) []reflect.Value {
			r.changed(name, told[0])
			return nil
		})
		for _, result := range listen.Call([]reflect.Value{listener}) {
			if f, ok := reflect.TypeAssert[func()](result); ok {
				stops = append(stops, f)
			}
		}
	}
	return func() {
		for _, f := range stops {
			f()
		}
		slices.SortStableFunc(r.result.Transitions, func(a, b Transition) int { return cmp.Compare(a.At, b.At) })
	}
}

// tellsTransitions reports whether a method takes a function of a struct with From, To and At.
func tellsTransitions(listen reflect.Type) bool {
	if listen.NumIn() != 1 || listen.IsVariadic() || listen.In(0).Kind() != reflect.Func {
		return false
	}
	listener := listen.In(0)
	if listener.NumIn() != 1 || listener.NumOut() != 0 || listener.In(0).Kind() != reflect.Struct {
		return false
	}
	_, from := listener.In(0).FieldByName("From")
	_, to := listener.In(0).FieldByName("To")
	at, when := listener.In(0).FieldByName("At")
	return from && to && when && at.Type == reflect.TypeFor[time.Time]()
}

// changed keeps a transition.
func (r *recording) changed(policy string, told reflect.Value) {
	at, _ := reflect.TypeAssert[time.Time](told.FieldByName("At"))
	t := Transition{
		Policy: policy, At: at.Sub(r.begin),
		From: fmt.Sprint(told.FieldByName("From")), To: fmt.Sprint(told.FieldByName("To")),
	}
	if cause := told.FieldByName("Cause"); cause.IsValid() {
		t.Cause = fmt.Sprint(cause)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.result.Transitions) < mostTransitions {
		r.result.Transitions = append(r.result.Transitions, t)
	}
}

// leaks finds what calls took and did not give back.
func (r *recording) leaks(p ductile.Composed) {
	for _, policy := range p.Policies() {
		read := reflect.ValueOf(policy).MethodByName("Snapshot")
		if !read.IsValid() || read.Type().NumIn() != 0 || read.Type().NumOut() != 1 || read.Type().Out(0).Kind() != reflect.Struct {
			continue
		}
		snapshot := read.Call(nil)[0]
		for _, what := range []string{"InFlight", "Queued", "Probing"} {
			if field := snapshot.FieldByName(what); field.IsValid() && field.CanInt() && field.Int() > 0 {
				r.result.Leaks = append(r.result.Leaks, Leak{policy.Name(), what, int(field.Int())})
			}
		}
	}
}
