package main

import (
	"strings"
	"testing"

	"github.com/ductile-go/ductile/retry"
	"github.com/stretchr/testify/assert"
)

func TestOurBackoffsAreThoseOfTheSimulator(t *testing.T) {
	assert.Empty(t, missed(compareBackoffs(thinLab(t, 5), backoffKinds())))
}

func TestOtherBackoffsAreNot(t *testing.T) {
	exponential := retry.Exponential(backoffBase, 2, backoffLimit)
	for name, wrong := range map[string]struct {
		kind    int
		options []retry.Option
		misses  []string
	}{
		"half of the jitter": {0, []retry.Option{exponential, retry.EqualJitter()}, []string{"full jitter, ms", "time: no backoff < decorrelated < full"}},
		"none of it":         {0, []retry.Option{exponential, retry.NoJitter()}, []string{"full jitter, calls", "full jitter, ms", "calls: full < equal"}},
		"all of it":          {1, []retry.Option{exponential, retry.FullJitter()}, []string{"equal jitter, ms"}},
		"a low limit":        {1, []retry.Option{retry.Exponential(backoffBase, 2, backoffLimit/4), retry.EqualJitter()}, []string{"equal jitter, ms"}},
		"a slow growth":      {3, []retry.Option{retry.Exponential(backoffBase, 1.5, backoffLimit), retry.NoJitter()}, []string{"no jitter, ms"}},
		"twice the base":     {2, []retry.Option{retry.Decorrelated(backoffBase, backoffLimit)}, []string{"decorrelated, calls"}},
		"a wait":             {4, []retry.Option{retry.Constant(backoffBase)}, []string{"no backoff, calls"}},
	} {
		t.Run(name, func(t *testing.T) {
			kinds := backoffKinds()
			kinds[wrong.kind].options = wrong.options
			failed := strings.Join(missed(compareBackoffs(thinLab(t, 10), kinds)), "\n")
			for _, what := range wrong.misses {
				assert.Contains(t, failed, what)
			}
		})
	}
}

// What peers are set to is what ours is.
func TestPeersWaitAsTheSimulatorDoes(t *testing.T) {
	l := thinLab(t, 5)
	l.alone = false
	f := new(Findings)
	f.contendingPeers(l, backoffKinds()[:1])
	assert.Len(t, f.Results, 4)
	for i, r := range f.Results {
		assert.InEpsilon(t, []float64{793, 4676}[i%2], r.Got.Mean, []float64{0.05, 0.2}[i%2], r.Who)
	}
	f = new(Findings)
	f.contendingPeers(l, backoffKinds()[2:3])
	for _, r := range f.Results {
		assert.Equal(t, "none", r.Got.String(), "they have no decorrelated jitter")
	}
}
