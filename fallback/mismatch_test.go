package fallback_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
)

// fits makes two calls for a T through a fallback. The first succeeds, as most calls do: a fallback that could not answer must show on
// that one. The second fails, and gets the answer.
func fits[T any](t *testing.T, f *fallback.Policy) (answer any, fit bool) {
	t.Helper()
	_, err := call[T](t.Context(), nil, f)
	answer, failed := call[T](t.Context(), errDown, f)
	assert.Equal(t, err, failed, "the first call tells as much as the first outage")
	return answer, err == nil
}

// A fallback answers calls that return its type, or an interface that its type has.
func TestTypesThatFit(t *testing.T) {
	reader := strings.NewReader("from the cache")
	for _, row := range []struct {
		name     string
		fallback *fallback.Policy
		call     func(*testing.T, *fallback.Policy) (any, bool)
		want     any
	}{
		{"its type", fallback.Value(reader), fits[*strings.Reader], reader},
		{"an interface it has", fallback.Value(reader), fits[io.Reader], reader},
		{"another interface it has", fallback.Value(reader), fits[io.WriterTo], reader},
		{"any", fallback.Value(7), fits[any], 7},
		{"an interface, for itself", fallback.Value[io.Reader](reader), fits[io.Reader], reader},
		{"an interface, for a part of it", fallback.Value[io.ReadSeeker](reader), fits[io.Reader], reader},
		{"an interface, for any", fallback.Value[io.Reader](reader), fits[any], reader},
		{"a function, for an interface", fallback.Func(answers(reader)), fits[io.Reader], reader},
		{"an error, for a value", fallback.Value(errDown), fits[error], errDown},

		{"nil, for its interface", fallback.Value[io.Reader](nil), fits[io.Reader], nil},
		{"nil, for a part of its interface", fallback.Value[io.ReadSeeker](nil), fits[io.Reader], nil},
		{"nil, for any", fallback.Value[io.Reader](nil), fits[any], nil},
		{"nil, for an error", fallback.Value[error](nil), fits[error], nil},
		{"a nil pointer", fallback.Value[*int](nil), fits[*int], (*int)(nil)},
		{"a nil pointer, for an interface: it stays one", fallback.Value[*strings.Reader](nil), fits[io.Reader], (*strings.Reader)(nil)},
		{"a nil slice", fallback.Value[[]int](nil), fits[[]int], []int(nil)},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, fit := row.call(t, row.fallback)
			assert.True(t, fit)
			assert.Equal(t, row.want, got)
		})
	}
}

// It answers no other calls, and says so on the first.
func TestTypesThatDoNotFit(t *testing.T) {
	type names []string
	seven, text, reader := fallback.Value(7), fallback.Value(""), fallback.Value(strings.NewReader(""))
	for _, row := range []struct {
		name     string
		fallback *fallback.Policy
		call     func(*testing.T, *fallback.Policy) (any, bool)
	}{
		{"another type", seven, fits[string]},
		{"one of the same kind", seven, fits[int64]},
		{"one of the same makings", fallback.Value([]string{}), fits[names]},
		{"its pointer", seven, fits[*int]},
		{"what it points to", reader, fits[strings.Reader]},
		{"an interface it has not", reader, fits[io.Writer]},
		{"a pointer to an interface", reader, fits[*io.Reader]},
		{"an interface, for more than it", fallback.Value[io.Reader](nil), fits[io.ReadSeeker]},
		{"an interface, for what may be in it", fallback.Value[io.Reader](strings.NewReader("")), fits[*strings.Reader]},
		{"a value, for Run", seven, fits[struct{}]},
		{"no value, for Do", fallback.Run(func(context.Context, error) error { return nil }), fits[int]},
		{"a chain, of which the first link fits", chain(seven, text), fits[int]},
		{"a chain, of which the second does", chain(text, seven), fits[int]},
		{"a chain within a chain, of which one does not", chain(chain(seven, text), seven), fits[int]},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, fit := row.call(t, row.fallback)
			assert.False(t, fit)
		})
	}
}

func chain(links ...*fallback.Policy) *fallback.Policy {
	return fallback.Chain(links, fallback.Name("chain"))
}

// A fallback that cannot answer keeps the function from being called: the program is at fault, on every call and not in an outage.
func TestAMismatch(t *testing.T) {
	p := ductile.New("p", fallback.Value(7, fallback.Name("default")))
	_, err := ductile.Do(t.Context(), p, func(context.Context) (string, error) { t.Error("called"); return "", nil })
	var mismatch *ductile.MismatchError
	require.ErrorAs(t, err, &mismatch)
	assert.Equal(t, &ductile.MismatchError{Pipeline: "p", Policy: "default", Type: "string"}, mismatch)
	require.EqualError(t, err, "p: default has no answer of type string, which is what the call returns")
	assert.Equal(t, fault.ClassIgnored, fault.Of(err))

	err = ductile.Run(t.Context(), p, func(context.Context) error { t.Error("called"); return nil })
	require.EqualError(t, err, "p: default has a value, and ductile.Run has none: use fallback.Run, or ductile.Do")
}

// An outer fallback does not answer for an inner one's mistake: nobody would notice it.
func TestAMismatchIsNotAnswered(t *testing.T) {
	_, err := call[string](t.Context(), nil, fallback.Value("outer"), fallback.Value(7, fallback.Name("inner")))
	var mismatch *ductile.MismatchError
	require.ErrorAs(t, err, &mismatch)
	assert.Equal(t, "inner", mismatch.Policy)
}

// Accepts asks about the type alone: with a nil pointer to it, and with any other.
func TestAccepts(t *testing.T) {
	f := fallback.Value(strings.NewReader(""))
	assert.True(t, f.Accepts((**strings.Reader)(nil)))
	assert.True(t, f.Accepts(new(*strings.Reader)))
	assert.True(t, f.Accepts((*io.Reader)(nil)))
	assert.False(t, f.Accepts((*error)(nil)))
	assert.False(t, f.Accepts(7), "no pointer at all")
}
