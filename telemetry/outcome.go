package telemetry

import "github.com/ductile-go/ductile/fault"

// An outcome is how a call or an attempt ended: a class of package fault, or one of those below.
type outcome uint8

const (
	unknown  = outcome(fault.ClassSuperseded) + 1 + iota // a class that an error made up
	degraded                                             // a fallback answered
	outcomes                                             // how many there are
)

func outcomeOf(class fault.Class) outcome { return min(outcome(class), unknown) }

func (o outcome) String() string {
	if o == degraded {
		return "degraded"
	}
	return fault.Class(o).String()
}

// isError reports whether an end is an error, for spans and for error.type: a failure, or a refusal. That the answer was no, that the caller has
// gone, or that a copy was overtaken is none.
func isError(class fault.Class) bool { return class.Failure() || class == fault.ClassRejected }

// A reason is why an attempt was made.
type reason uint8

const (
	first reason = iota
	repeated
	hedged
	reasons // how many there are
)

func (r reason) String() string { return [reasons]string{"first", "retry", "hedge"}[r] }
