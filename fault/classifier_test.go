package fault_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fault"
)

// What Classify gives a policy is asked in place of Of, and not of what only the driver knows.
func TestClassifier(t *testing.T) {
	overloaded := fault.Classifier(func(error) fault.Class { return fault.ClassOverload })
	for _, row := range []struct {
		name  string
		err   error
		want  fault.Class // by the classifier
		plain fault.Class // without one
	}{
		{"no error is no question", nil, fault.ClassSuccess, fault.ClassSuccess},
		{"an error", errPlain, fault.ClassOverload, fault.ClassTransient},
		{"a user's mark", fault.Permanent(errPlain), fault.ClassOverload, fault.ClassPermanent},
		{"a cancellation that nobody looked into", context.Canceled, fault.ClassOverload, fault.ClassCanceled},
		{"a failure, says the driver", fault.End(context.Canceled, fault.ClassTransient), fault.ClassOverload, fault.ClassTransient},
		{"a deadline, says the driver", fault.End(errPlain, fault.ClassTimeout), fault.ClassOverload, fault.ClassTimeout},
		{"a rejection, says the driver", fault.End(errPlain, fault.ClassRejected), fault.ClassOverload, fault.ClassRejected},

		{"the caller has gone, says the driver", fault.End(errPlain, fault.ClassCanceled), fault.ClassCanceled, fault.ClassCanceled},
		{"a panic", fault.ErrAborted, fault.ClassAborted, fault.ClassAborted},
		{"a Goexit", fault.ErrExited, fault.ClassExited, fault.ClassExited},
		{"a copy that lost", fault.Superseded(true), fault.ClassSuperseded, fault.ClassSuperseded},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, overloaded.Of(row.err))
			assert.Equal(t, row.plain, fault.Classifier(nil).Of(row.err))
		})
	}
}

// A classifier leaves to Of what it has no opinion of, and gets the driver's: that is why it is shown the driver's mark.
func TestAClassifierCanAskOf(t *testing.T) {
	c := fault.Classifier(fault.Of)
	assert.Equal(t, fault.ClassTransient, c.Of(fault.End(context.Canceled, fault.ClassTransient)))
	assert.Equal(t, fault.ClassPermanent, c.Of(fault.Permanent(errPlain)))
}
