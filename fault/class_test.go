package fault_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/fault"
)

// The names are attributes in telemetry and the numbers may be kept in somebody's state: neither may change between versions.
func TestClassesAreStable(t *testing.T) {
	for _, row := range []struct {
		class   fault.Class
		number  uint8
		name    string
		failure bool // the dependency is at fault
	}{
		{fault.ClassSuccess, 0, "success", false},
		{fault.ClassPermanent, 1, "permanent", false},
		{fault.ClassIgnored, 2, "ignored", false},
		{fault.ClassTransient, 3, "transient", true},
		{fault.ClassTimeout, 4, "timeout", true},
		{fault.ClassOverload, 5, "overload", true},
		{fault.ClassRejected, 6, "rejected", false},
		{fault.ClassCanceled, 7, "canceled", false},
		{fault.ClassAborted, 8, "panic", true},
		{fault.ClassExited, 9, "exited", false},
		{fault.ClassSuperseded, 10, "superseded", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.number, uint8(row.class))
			assert.Equal(t, row.name, row.class.String())
			assert.Equal(t, row.failure, row.class.Failure())
			assert.True(t, row.class.Valid())
		})
	}
}

func TestTheZeroClassIsSuccess(t *testing.T) {
	var class fault.Class
	assert.Equal(t, fault.ClassSuccess, class)
}

// A class out of somebody's arithmetic, or of a later version, is not one of ours, and nothing breaks over it.
func TestAnUnknownClass(t *testing.T) {
	for class := fault.ClassSuperseded + 1; class != 0; class++ { // every other byte
		assert.False(t, class.Valid())
		assert.False(t, class.Failure())
		assert.Equal(t, "unknown", class.String())
	}
}
