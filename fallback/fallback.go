// Package fallback answers in place of a dependency that is at fault: an empty list instead of recommendations, the price of
// yesterday instead of today's.
//
// Degrading is a decision about the product, not about the network, so a fallback is the outermost policy of most pipelines and
// answers only where the dependency is at fault. An answer (fault.Permanent), a caller who has gone, and a panic are passed on.
// Whoever watches the call hears that its answer is a fallback's: see ductile.WithReport.
package fallback

import (
	"context"
	"reflect"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// A Policy is a fallback for a pipeline. It is made by [Value], [Func], [Run] or [Chain], holds no state, and may stand in any number
// of pipelines whose calls return what it answers with; on others every call fails, and not only in an outage.
type Policy struct {
	config
	accepts func(out reflect.Type, ptr any) bool
	// answer gets the cause with the driver's mark on it: the links of a chain have to judge it, too.
	answer func(ctx context.Context, cause error, out any) (by string, err error)
	what   string // for String
	still  bool   // an answer takes no time: no function is asked
}

// Value returns a fallback that answers with value, the same for every call: what it points to is shared. It answers calls that
// return its type, or an interface that its type implements; any other call of its pipeline is refused before it is made, with a
// *ductile.MismatchError. The call's error is nil where it answers: who must know that the answer is a fallback's asks ductile.WithReport.
func Value[V any](value V, options ...Option) *Policy {
	return typed("answers with "+reflect.TypeFor[V]().String(), options, true, func(context.Context, error) (V, error) { return value, nil })
}

// Func returns a fallback that answers with what f returns for the cause. f gets the context that the fallback stands in, not that
// of an attempt which has expired; where that is dead, too, f is not called. If f fails, the call's error carries both
// causes: ductile.FallbackError. It panics if f is nil.
func Func[V any](f func(ctx context.Context, cause error) (V, error), options ...Option) *Policy {
	if f == nil {
		panic(refuse.Value("fallback", "Func", "nil", "a function that answers for a cause"))
	}
	return typed("asks a function for "+reflect.TypeFor[V]().String(), options, false, f)
}

// Run returns a fallback for calls without a value, those of ductile.Run: f does instead what they could not. It panics if f is nil.
func Run(f func(ctx context.Context, cause error) error, options ...Option) *Policy {
	if f == nil {
		panic(refuse.Value("fallback", "Run", "nil", "a function that does something instead"))
	}
	p := typed("runs a function", options, false, func(ctx context.Context, cause error) (struct{}, error) {
		return struct{}{}, f(ctx, cause)
	})
	p.accepts = func(_ reflect.Type, ptr any) bool {
		_, ok := ptr.(*struct{}) // and no interface: nobody wants a struct{} for an answer
		return ok
	}
	return p
}

// typed returns a fallback whose answers are Vs.
func typed[V any](what string, options []Option, still bool, f func(context.Context, error) (V, error)) *Policy {
	p := &Policy{config: mustConfigure(options), what: what, still: still}
	if !still && p.on.Has(fault.ClassCanceled) {
		panic(refuse.Value("fallback", "On", fault.ClassCanceled, "left to Value: the context of a canceled call is dead, and no function is called on it"))
	}
	p.accepts = func(out reflect.Type, ptr any) bool {
		if _, ok := ptr.(*V); ok {
			return true
		}
		return out.Kind() == reflect.Pointer && out.Elem().Kind() == reflect.Interface && reflect.TypeFor[V]().AssignableTo(out.Elem())
	}
	p.answer = func(ctx context.Context, cause error, out any) (string, error) {
		if !still && ctx.Err() != nil {
			return "", nil
		}
		value, err := f(ctx, fault.Original(cause))
		if err != nil {
			return "", err
		}
		if v, ok := out.(*V); ok {
			*v = value
		} else {
			to := reflect.ValueOf(out).Elem() // an interface that V has: Accepts said so
			to.Set(reflect.ValueOf(&value).Elem())
		}
		return p.name, nil
	}
	return p
}

// Name returns the fallback's name.
func (p *Policy) Name() string { return p.name }

// Accepts reports whether the fallback can answer a call that returns what out, a *T, points to.
func (p *Policy) Accepts(out any) bool { return p.accepts(reflect.TypeOf(out), out) }

// Recover fills out, a *T, with an answer for cause, and returns the name of the fallback that had it: empty if cause is not
// one it answers for.
func (p *Policy) Recover(ctx context.Context, cause error, out any) (by string, err error) {
	if !p.on.Has(p.classify.Of(cause)) {
		return "", nil
	}
	return p.answer(ctx, cause, out)
}

// String returns what the fallback does, for Pipeline.String.
func (p *Policy) String() string { return p.what + ", on " + p.on.String() }
