package classes_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/classes"
)

// A set has what it was made of, and nothing else: least of all what is no class, however far out.
func TestSets(t *testing.T) {
	everything := func() (list []fault.Class) {
		for class := fault.ClassSuccess; class.Valid(); class++ {
			list = append(list, class)
		}
		return list
	}()
	for _, list := range [][]fault.Class{
		nil,
		{fault.ClassSuccess},
		{fault.ClassTransient, fault.ClassTimeout, fault.ClassTransient},
		{fault.ClassSuperseded},
		everything,
	} {
		set := classes.Of(list...)
		for n := range 256 {
			class := fault.Class(n)
			assert.Equal(t, slices.Contains(list, class), set.Has(class), "%d in %v", class, list)
		}
	}
	assert.Equal(t, classes.Set(0), classes.Of())
}

// What is no class cannot get into a set either, or it might come out as another.
func TestWhatIsNoClass(t *testing.T) {
	assert.Equal(t, classes.Set(0), classes.Of(fault.Class(16), fault.Class(17), fault.Class(255)))
}

// Names come in the order of the classes, each once.
func TestString(t *testing.T) {
	assert.Empty(t, classes.Set(0).String())
	assert.Equal(t, "permanent", classes.Of(fault.ClassPermanent).String())
	set := classes.Of(fault.ClassAborted, fault.ClassTimeout, fault.ClassTransient, fault.ClassTimeout)
	assert.Equal(t, "transient, timeout, panic", set.String())
}

func TestChoose(t *testing.T) {
	allowed := []fault.Class{fault.ClassTransient, fault.ClassTimeout}
	for _, row := range []struct {
		list []fault.Class
		want string // the refusal, empty where there is none
	}{
		{allowed, ""},
		{[]fault.Class{fault.ClassTimeout, fault.ClassTimeout}, ""},
		{nil, "retry: On(): must be given at least one of: transient, timeout"},
		{[]fault.Class{fault.ClassTimeout, fault.ClassCanceled}, "retry: On(canceled): must be one of: transient, timeout"},
		{[]fault.Class{fault.Class(16)}, "retry: On(unknown): must be one of: transient, timeout"},
		{[]fault.Class{fault.Class(255)}, "retry: On(unknown): must be one of: transient, timeout"},
	} {
		set, err := classes.Choose("retry", row.list, allowed...)
		if row.want != "" {
			require.EqualError(t, err, row.want)
			assert.Equal(t, classes.Set(0), set)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, classes.Of(row.list...), set)
	}
}
