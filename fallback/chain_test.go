package fallback_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
)

// The links are asked in order, each about the same cause, until one answers. The answer is reported under that link's name.
func TestChain(t *testing.T) {
	type links []*fallback.Policy
	cache := fallback.Name("cache")
	empty := fallback.Func(failing[int](errCache), cache)
	standard := fallback.Value(7, fallback.Name("default"))
	nothing := fallback.Value(0, fallback.Name("nothing"), fallback.On(fault.ClassTimeout)) // has no answer for a transient cause
	for _, row := range []struct {
		name  string
		links links
		want  int
		by    string
	}{
		{"the first answers", links{fallback.Func(answers(5), cache), unasked(t)}, 5, "cache"},
		{"the first fails", links{empty, standard}, 7, "default"},
		{"the first has no answer", links{nothing, standard}, 7, "default"},
		{"the first fails, the second has no answer", links{empty, nothing, standard}, 7, "default"},
		{"a chain within a chain", links{chain(nothing, empty), chain(nothing, standard)}, 7, "default"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, report := ductile.WithReport(t.Context())
			got, err := call[int](ctx, errDown, chain(row.links...))
			require.NoError(t, err)
			assert.Equal(t, row.want, got)
			assert.Equal(t, row.by, report.AnsweredBy())
		})
	}
}

func TestEachLinkGetsTheSameCause(t *testing.T) {
	var causes []error
	link := func(context.Context, error) (int, error) { return 0, errCache }
	see := fallback.Func(func(ctx context.Context, cause error) (int, error) {
		causes = append(causes, cause)
		return link(ctx, cause)
	})
	_, err := call[int](t.Context(), errDown, chain(see, chain(see, see)))
	require.Error(t, err)
	assert.Equal(t, []error{errDown, errDown, errDown}, causes)
}

// Where no link answers, the failures are returned together, each with its link's name.
func TestAChainThatFails(t *testing.T) {
	errDisk := errors.New("the disk is full")
	_, err := call[int](t.Context(), errDown, chain(
		fallback.Func(failing[int](errCache), fallback.Name("cache")),
		fallback.Value(0, fallback.Name("silent"), fallback.On(fault.ClassTimeout)),
		fallback.Func(failing[int](errDisk), fallback.Name("file")),
	))
	require.ErrorIs(t, err, errDown)
	require.ErrorIs(t, err, errCache)
	require.ErrorIs(t, err, errDisk)
	require.EqualError(t, err, "down; and chain failed: cache: the cache is empty\nfile: the disk is full")
	var failed *ductile.FallbackError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "chain", failed.Policy)
	assert.Same(t, errDown, failed.Cause)
}

// Where no link has an answer, and none fails, the call's error is returned as it is.
func TestAChainWithoutAnAnswer(t *testing.T) {
	silent := fallback.Value(7, fallback.On(fault.ClassTimeout))
	_, err := call[int](t.Context(), errDown, fallback.Chain([]*fallback.Policy{silent, silent}, fallback.On(fault.ClassTransient)))
	assert.Same(t, errDown, err)
}

// A link that fails leaves nothing behind in the answer of the next.
func TestALinkThatFailsLeavesNothing(t *testing.T) {
	type stock struct{ here, there int }
	half := fallback.Func(func(context.Context, error) (stock, error) { return stock{here: 1}, errCache })
	got, err := call[stock](t.Context(), errDown, chain(half, fallback.Value(stock{there: 2})))
	require.NoError(t, err)
	assert.Equal(t, stock{there: 2}, got)
}

// A chain answers for whatever one of its links answers for, unless it is told otherwise: what its own On leaves out is not put to the
// links, and what theirs leave out they do not answer.
func TestTheClassesOfAChain(t *testing.T) {
	timeouts := fallback.Value(1, fallback.On(fault.ClassTimeout))
	answersToo := fallback.Value(2, fallback.On(fault.ClassPermanent))
	links := []*fallback.Policy{timeouts, answersToo}
	assert.Equal(t, "fallback, then fallback, on permanent, timeout", fallback.Chain(links).String())

	for _, row := range []struct {
		name  string
		chain *fallback.Policy
		cause error
		want  int // none where it is zero
	}{
		{"one link's", fallback.Chain(links), fault.Timeout(errDown), 1},
		{"the other's", fallback.Chain(links), fault.Permanent(errDown), 2},
		{"neither's", fallback.Chain(links), errDown, 0},
		{"both leave it out, though the chain does not", fallback.Chain(links, fallback.On(fault.ClassTransient)), errDown, 0},
		{"the chain leaves it out", fallback.Chain(links, fallback.On(fault.ClassTimeout)), fault.Permanent(errDown), 0},
		{"the chain's opinion opens the door, and the links have their own", fallback.Chain(links, says(fault.ClassTimeout)), errDown, 0},
		{"the chain's opinion shuts it", fallback.Chain(links, says(fault.ClassIgnored)), fault.Timeout(errDown), 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := call[int](t.Context(), row.cause, row.chain)
			assert.Equal(t, row.want, got)
			if row.want == 0 {
				assert.Same(t, row.cause, err)
			}
		})
	}
}

// Links with different types serve a call that both can answer.
func TestLinksOfDifferentTypes(t *testing.T) {
	links := chain(fallback.Func(failing[int](errCache)), fallback.Value("text"))
	got, err := call[any](t.Context(), errDown, links)
	require.NoError(t, err)
	assert.Equal(t, "text", got)
}

func TestAChainsNonsense(t *testing.T) {
	one := fallback.Value(7)
	for want, links := range map[string][]*fallback.Policy{
		"fallback: Chain(0 links): must be two links or more":       nil,
		"fallback: Chain(1 links): must be two links or more":       {one},
		"fallback: Chain(link 2 is nil): must be made of fallbacks": {one, nil},
	} {
		assert.PanicsWithError(t, want, func() { fallback.Chain(links) })
	}
	assert.PanicsWithError(t, `fallback: Name(""): must be a name`, func() {
		fallback.Chain([]*fallback.Policy{one, one}, fallback.Name(""))
	})
}
