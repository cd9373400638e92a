package fallback_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
)

// Nonsense is refused where the policy is made, with the option, the value and what is allowed: by each constructor alike.
func TestNonsense(t *testing.T) {
	const classes = "permanent, ignored, transient, timeout, overload, rejected, canceled"
	for _, row := range []struct {
		option fallback.Option
		want   string
	}{
		{fallback.Name(""), `fallback: Name(""): must be a name`},
		{fallback.On(), "fallback: On(): must be given at least one of: " + classes},
		{fallback.On(fault.ClassTransient, fault.ClassAborted), "fallback: On(panic): must be one of: " + classes},
		{fallback.On(fault.ClassExited), "fallback: On(exited): must be one of: " + classes},
		{fallback.On(fault.ClassSuperseded), "fallback: On(superseded): must be one of: " + classes},
		{fallback.On(fault.ClassSuccess), "fallback: On(success): must be one of: " + classes},
		{fallback.On(fault.Class(77)), "fallback: On(unknown): must be one of: " + classes},
		{fallback.Classify(nil), "fallback: Classify(nil): must be a function from an error to its class"},
		{nil, "fallback: option 1 is nil: leave it out instead"},
	} {
		t.Run(row.want, func(t *testing.T) {
			require.EqualError(t, fallback.Validate(row.option), row.want)
			one := fallback.Value(7)
			for name, constructor := range map[string]func(){
				"Value": func() { fallback.Value(7, row.option) },
				"Func":  func() { fallback.Func(answers(7), row.option) },
				"Run":   func() { fallback.Run(func(context.Context, error) error { return nil }, row.option) },
				"Chain": func() { fallback.Chain([]*fallback.Policy{one, one}, row.option) },
			} {
				assert.PanicsWithError(t, row.want, constructor, name)
			}
		})
	}
	require.EqualError(t, fallback.Validate(fallback.Name(""), nil), `fallback: Name(""): must be a name`+"\n"+
		"fallback: option 2 is nil: leave it out instead")
	require.NoError(t, fallback.Validate(fallback.Name("default"), fallback.On(fault.ClassCanceled), says(fault.ClassTimeout)))
}

func TestNoFunction(t *testing.T) {
	assert.PanicsWithError(t, "fallback: Func(nil): must be a function that answers for a cause", func() { fallback.Func[int](nil) })
	assert.PanicsWithError(t, "fallback: Run(nil): must be a function that does something instead", func() { fallback.Run(nil) })
}

func TestString(t *testing.T) {
	const usual = ", on transient, timeout, overload, rejected"
	for want, f := range map[string]*fallback.Policy{
		"answers with int" + usual:             fallback.Value(7),
		"asks a function for []string" + usual: fallback.Func(answers([]string{})),
		"runs a function" + usual:              fallback.Run(func(context.Context, error) error { return nil }),
		"cache, then fallback" + usual:         chain(fallback.Value(7, fallback.Name("cache")), fallback.Value(7)),
		"answers with string, on canceled":     fallback.Value("", fallback.On(fault.ClassCanceled)),
	} {
		assert.Equal(t, want, f.String())
	}
	assert.Equal(t, "fallback", fallback.Value(7).Name())
	assert.Equal(t, "default", fallback.Value(7, fallback.Name("default")).Name())
}
