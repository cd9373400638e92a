package benchmarks

import "slices"

// A Path is one way that calls take, through us and through peers that are set up to do the same.
type Path struct {
	Name       string // short, for benchmarks
	What       string // for people
	Feature    string // which one of Features it shows; empty where none
	Ours       Side
	Peer       Side    // the one that gate and goal are of
	Others     []Other // who takes it, too
	Goroutines int     // how many make calls at once; 0 is one
	Parallel   bool    // one on each core, whatever Goroutines is
	Network    bool    // through net/http to a server, whose allocations count, too, and depend on the version of Go
	Crowded    bool    // measured by crowds besides, as all are but for networks and for what another path shows: see Crowd
	Allocs     uint64  // how often a call of ours may allocate
	Gate       float64 // the highest ratio of our time to the peer's with which we may build; 0 where the design has none
	Goal       float64 // where we are going
	Note       string  // what the peer leaves out, or does besides
}

// An Other is a side besides the one that the gate is of. Note is what it leaves out, or does besides.
type Other struct {
	Side
	Note string
}

// A Side is one of the two that take a path.
type Side struct {
	By       string
	Start    func() Caller // sets it up anew
	Settings string        // what its policies are set to
}

// A Caller makes calls. The loop is the side's own: a function for each call would cost as much as some of the calls, and would put
// our closures on the heap.
type Caller struct {
	// Calls makes n calls one after the other. It fails where one did not end as it should, so that no measurement can be one of
	// errors.
	Calls func(n int) error
	// Check is asked after n calls in all, and fails where the policies have not counted them.
	Check func(n int) error
	// Stop ends what runs on behind a side, such as a server. It is nil where nothing does.
	Stop func()
}

// Close ends what runs on behind a side.
func (c Caller) Close() {
	if c.Stop != nil {
		c.Stop()
	}
}

// Sides returns all of them: ours, the peer of the gate, and the others.
func (p Path) Sides() []Side {
	sides := []Side{p.Ours, p.Peer}
	for _, other := range p.Others {
		sides = append(sides, other.Side)
	}
	return sides
}

// NoteOf returns what is to be said of a side, by its place in Sides.
func (p Path) NoteOf(side int) string {
	if side < 2 {
		return p.Note
	}
	return p.Others[side-2].Note
}

// Crowd returns the path as so many goroutines take it, which has no gate.
func (p Path) Crowd(goroutines int) Path {
	p.Goroutines, p.Parallel, p.Gate, p.Goal = goroutines, false, 0, 0
	return p
}

// Stock is what calls return: 48 bytes, a small answer.
type Stock struct {
	SKU, Warehouse string
	Left, Reserved int
}

// How often contexts of the standard library allocate, together with their Done and their cancel. A test counts.
const (
	standardDeadline = 5 // context.WithDeadlineCause
	standardCancel   = 3 // context.WithCancel
)

// Paths is every path that is measured. The policies are those of breaker.New(), retry.New() and bulkhead.New(n), and peers are set to
// the same, as far as they can: see Settings of each side, and settings.go.
var Paths = slices.Concat(pipelinePaths, breakerPaths, limitPaths, retryPaths, hedgePaths, httpPaths, grpcPaths)
