package benchmarks

import "fmt"

// A Growth is a path that grows: what calls cost as more of something stands in their way.
type Growth struct {
	Name  string
	What  string // for people
	Of    string // what there is more of
	Sizes []int
	Path  func(size int) Path // without a name
	Note  string
}

// At returns the path of a size, by its name.
func (g Growth) At(size int) Path {
	p := g.Path(size)
	p.Name, p.What, p.Note = fmt.Sprintf("%s-%d", g.Name, size), g.What, g.Note
	return p
}

// Growths is everything that is measured as it grows.
var Growths = []Growth{
	{
		Name: "policies", What: "a pipeline of more and more policies", Of: "policies", Sizes: []int{1, 2, 3, 4, 5, 6, 7, 8},
		Path: func(size int) Path {
			return Path{
				Ours:   Side{"ductile", func() Caller { return piled(size) }, pileSet(size)},
				Peer:   Side{"failsafe-go", func() Caller { return failsafePiled(size) }, failsafePileSet(size)},
				Allocs: ofPile(size),
			}
		},
		Note: "From the outermost, in the order of the settings, which are those of the longest. The function asks for no Done. The peer takes no " +
			"context from the caller; from the timeout on its function can reach its execution's.",
	},
	{
		Name: "keys", What: "a breaker for each key: the key's is found, and a call goes through it", Of: "keys",
		Sizes: []int{1, 10, 100, 1000, 10_000, 100_000},
		Path: func(size int) Path {
			p := Path{
				Ours: Side{"ductile", func() Caller { return keyedCalls(size) }, "room for all keys; each leaves that is idle for 10m0s; " + breakerSet},
				Peer: Side{"gobreaker", func() Caller { return gobreakerKeyed(size) }, "in a sync.Map; " + gobreakerSet},
				Others: []Other{{Side{"failsafe-go", func() Caller { return failsafeKeyed(size) }, "in a sync.Map; " + failsafeBreakerSet},
					"Has no keys, so it is in a map that is never emptied. Takes no context."}},
			}
			if size <= mostZero {
				p.Others = append(p.Others, Other{Side{"go-zero", func() Caller { return zeroKeyed(size) }, "in its registry of names; " + zeroSet},
					fmt.Sprintf("The registry is of the whole process, and what is in it stays; so it is measured with up to %d keys, and no more for that "+
						"reason alone.", mostZero)})
			}
			return p
		},
		Note: "Keys come in an order that no cache foresees. Ours is keyed.Pipelines, which is bounded and lets idle keys go: that is a lock for " +
			"readers and a reading of the clock for each call. The peer has no keys, so it is in a map, as one would write it, which is " +
			"never emptied.",
	},
}
