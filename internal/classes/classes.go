// Package classes is the set of fault classes that a policy acts on, as its option On takes them.
package classes

import (
	"strings"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// A Set is a set of fault classes. The zero Set is empty.
type Set uint16

// Of returns the set of the classes listed.
func Of(list ...fault.Class) (set Set) {
	for _, class := range list {
		set |= 1 << class
	}
	return set
}

// Has reports whether the set has a class.
func (s Set) Has(class fault.Class) bool { return s&(1<<class) != 0 }

// String returns the names of the set's classes, as a sentence would have them.
func (s Set) String() string {
	var list []string
	for class := fault.ClassSuccess; class.Valid(); class++ {
		if s.Has(class) {
			list = append(list, class.String())
		}
	}
	return strings.Join(list, ", ")
}

// Choose returns the set of the classes that a user lists for a package's option On, or refuses the first that is not allowed there.
func Choose(pkg string, list []fault.Class, allowed ...fault.Class) (Set, error) {
	if len(list) == 0 {
		return 0, refuse.Value(pkg, "On", "", "given at least one of: "+Of(allowed...).String())
	}
	for _, class := range list {
		if !Of(allowed...).Has(class) {
			return 0, refuse.Value(pkg, "On", class, "one of: "+Of(allowed...).String())
		}
	}
	return Of(list...), nil
}
