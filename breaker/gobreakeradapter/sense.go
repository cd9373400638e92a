package gobreakeradapter

import (
	"reflect"

	"github.com/ductile-go/ductile/fault"
)

// Excluded reports whether err says nothing of the dependency: canceled by the caller, refused by a policy inside, ignored, ended by
// runtime.Goexit, or overtaken by a faster copy. It is for gobreaker.Settings.IsExcluded: such calls are not counted, and a half-open
// breaker has their places back. Beside a rule of your own, join the two by ||.
//
// Breakers of gobreaker before v2.4.0 have no IsExcluded. There it can count such calls as successes, which is less wrong than as
// failures: IsSuccessful: func(err error) bool { return Successful(err) || Excluded(err) }.
func Excluded(err error) bool {
	class := fault.Of(err)
	return !class.Failure() && !answered(class)
}

// Successful reports whether the dependency answered: without an error, or with one that is marked by fault.Permanent. It is for
// gobreaker.Settings.IsSuccessful.
func Successful(err error) bool { return answered(fault.Of(err)) }

func answered(class fault.Class) bool {
	return class == fault.ClassSuccess || class == fault.ClassPermanent
}

// unmarked takes the driver's mark off an error that has the same class without it. So functions that compare errors by ==, as a program
// may have had before it had pipelines, see what they know.
func unmarked(err error) error {
	original := fault.Original(err)
	if reflect.TypeOf(original) == reflect.TypeOf(err) {
		return err // there is none: a mark is a type of its own
	}
	if fault.Of(original) == fault.Of(err) {
		return original
	}
	return err
}
