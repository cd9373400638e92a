package fallback

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ductile-go/ductile/internal/classes"
	"github.com/ductile-go/ductile/internal/refuse"
)

// Chain returns a fallback that asks each of several in order until one answers: the cache, then the default. Name the links: the
// name of the one that answered is what observers and reports show. A link that has no answer for the cause is passed over;
// where a link fails, the next is asked for the same cause, and if none answers, the failures are returned together. Classes that
// On does not name are not put to the links at all.
//
// It answers calls that every link can answer: links without a type in common answer none, which shows as a ductile.MismatchError on
// the first call. It panics on fewer than two links, and on a nil one.
func Chain(links []*Policy, options ...Option) *Policy {
	if len(links) < 2 {
		panic(refuse.Value("fallback", "Chain", fmt.Sprintf("%d links", len(links)), "two links or more"))
	}
	links = slices.Clone(links)
	what := make([]string, len(links))
	var on classes.Set
	still := true
	for i, link := range links {
		if link == nil {
			panic(refuse.Value("fallback", "Chain", fmt.Sprintf("link %d is nil", i+1), "made of fallbacks"))
		}
		what[i], on, still = link.name, on|link.on, still && link.still
	}
	c := mustConfigure(options)
	if !c.onSet {
		c.on = on
	}
	return &Policy{
		config: c,
		what:   strings.Join(what, ", then "),
		still:  still,
		accepts: func(_ reflect.Type, ptr any) bool {
			for _, link := range links {
				if !link.Accepts(ptr) {
					return false
				}
			}
			return true
		},
		answer: func(ctx context.Context, cause error, out any) (string, error) {
			var failures []error
			for _, link := range links {
				by, err := link.Recover(ctx, cause, out)
				if err != nil {
					failures = append(failures, fmt.Errorf("%s: %w", link.name, err))
				} else if by != "" {
					return by, nil
				}
			}
			return "", errors.Join(failures...)
		},
	}
}
