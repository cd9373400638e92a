package ductiletest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// Gates that keep the contract, each in another way. The kit has to let them all pass: it may ask for nothing that only some owe.
func TestGateLetsPass(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]func() ductile.Gate{
		"one that is always open":            func() ductile.Gate { return open{} },
		"one that is always closed":          func() ductile.Gate { return closed{} },
		"a channel":                          func() ductile.Gate { return channel{places: make(chan struct{}, 3)} },
		"a channel that waits":               func() ductile.Gate { return channel{places: make(chan struct{}, 3), waits: true} },
		"a channel of one":                   func() ductile.Gate { return channel{places: make(chan struct{}, 1), waits: true} },
		"a hall":                             func() ductile.Gate { return &hall{limit: 4} },
		"a hall with a queue":                func() ductile.Gate { return &hall{limit: 4, queue: 3} },
		"a hall with a queue of one":         func() ductile.Gate { return &hall{limit: 1, queue: 1} },
		"a hall with a queue, for a time":    func() ductile.Gate { return &hall{limit: 4, queue: 100, patience: time.Second} },
		"a hall of a thousand":               func() ductile.Gate { return &hall{limit: 1000, queue: 3} },
		"a hall of 999":                      func() ductile.Gate { return &hall{limit: 999} },
		"numbered seats":                     func() ductile.Gate { return &seats{taken: make([]bool, 5)} },
		"one that asks again and again":      func() ductile.Gate { return asking{&hall{limit: 2}} },
		"a bucket":                           func() ductile.Gate { return newBucket(5, time.Second, 0) },
		"a bucket of one":                    func() ductile.Gate { return newBucket(1, time.Minute, 0) },
		"a bucket that fills in a day":       func() ductile.Gate { return newBucket(24, time.Hour, 0) },
		"a slow bucket":                      func() ductile.Gate { return newBucket(2, 10*time.Hour, 0) },
		"a slow bucket that waits":           func() ductile.Gate { return newBucket(2, 10*time.Hour, 30*time.Hour) },
		"a bucket that waits":                func() ductile.Gate { return newBucket(5, time.Second, time.Hour) },
		"a bucket that waits a little":       func() ductile.Gate { return newBucket(2, time.Second, 1500*time.Millisecond) },
		"a bucket that a goroutine fills":    func() ductile.Gate { return newTap(4) },
		"a pacer":                            func() ductile.Gate { return pacer{} },
		"a fuse":                             func() ductile.Gate { return &fuse{blows: 5, rest: time.Minute} },
		"a fuse with a long rest":            func() ductile.Gate { return &fuse{blows: 500, rest: 24 * time.Hour} },
		"a fuse that takes a turn at a time": func() ductile.Gate { return &fuse{blows: 1, rest: time.Second, steps: true} },
		"a limit that adapts":                func() ductile.Gate { return &adaptive{limit: 10} },
		"a limit that adapts slowly":         func() ductile.Gate { return &adaptive{limit: 90, slowly: true} },
		"a throttle that throws dice":        func() ductile.Gate { return &throttle{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Gate(t, build)
		})
	}
}

// All that runs in a bubble ends with it, also who waits for ever.
func TestGateLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for _, build := range []func() ductile.Gate{
		func() ductile.Gate { return &hall{limit: 4, queue: 3} },
		func() ductile.Gate { return newTap(4) },
	} {
		Gate(t, build)
	}
	goleak.VerifyNone(t, before)
}

// What the kit finds out about them before it judges.
func TestMeasure(t *testing.T) {
	for says, build := range map[string]func() ductile.Gate{
		`("open") admits all`:                                                func() ductile.Gate { return open{} },
		`("closed") admits 0 at once, then refuses`:                          func() ductile.Gate { return closed{} },
		`("hall") admits 4 at once, then refuses`:                            func() ductile.Gate { return &hall{limit: 4} },
		`("hall") admits 999 at once, then refuses`:                          func() ductile.Gate { return &hall{limit: 999} },
		`("hall") admits all`:                                                func() ductile.Gate { return &hall{limit: 1000} },
		`("hall") admits 4 at once, then lets calls wait`:                    func() ductile.Gate { return &hall{limit: 4, queue: 1} },
		`("hall") admits 4 at once, then lets calls wait for 1m0s`:           func() ductile.Gate { return &hall{limit: 4, queue: 1, patience: time.Minute} },
		`("bucket") admits 5 at once, then refuses`:                          func() ductile.Gate { return newBucket(5, time.Second, 0) },
		`("fuse") admits all; it refuses after failures`:                     func() ductile.Gate { return &fuse{blows: 5, rest: time.Minute} },
		`("adaptive") admits 10 at once, then refuses`:                       func() ductile.Gate { return &adaptive{limit: 10} },
		`("hall") admits 4 at once, then refuses; it refuses after failures`: keeps(fault.ClassTransient),
		`("bucket") admits 5 at once, then lets calls wait for 1s`:           func() ductile.Gate { return newBucket(5, time.Second, time.Hour) },
		`("bucket") admits 2 at once, then lets calls wait`:                  func() ductile.Gate { return newBucket(2, 10*time.Hour, 30*time.Hour) },
	} {
		k := &kit{build: build, broken: map[string]bool{}}
		require.Nil(t, k.measure(t))
		assert.Equal(t, says, k.is.String())
	}
}

// Places that calls hold are told from what time brings back, and from a limit that changes.
func TestMeasureHolds(t *testing.T) {
	for _, test := range []struct {
		build func() ductile.Gate
		holds bool
		calls int
	}{
		{func() ductile.Gate { return &hall{limit: 4} }, true, 50},
		{func() ductile.Gate { return &hall{limit: 4, queue: 1} }, true, 50},
		{func() ductile.Gate { return open{} }, false, 50},
		{func() ductile.Gate { return closed{} }, false, 50},
		{func() ductile.Gate { return newBucket(5, time.Second, 0) }, false, 50},
		{func() ductile.Gate { return newBucket(2, 10*time.Hour, 0) }, false, 50},
		{func() ductile.Gate { return &adaptive{limit: 10} }, false, 50},
		{func() ductile.Gate { return &fuse{blows: 5, rest: time.Minute} }, false, 50},
		{func() ductile.Gate { return &fuse{blows: 500, rest: time.Minute} }, false, 1000},
	} {
		k := &kit{build: test.build, broken: map[string]bool{}}
		require.Nil(t, k.measure(t))
		assert.Equal(t, test.holds, k.is.holds, k.is)
		assert.Equal(t, test.calls, k.is.calls, k.is)
	}
}

var errFull = errors.New("no place")

// open admits all. It is a value without a size, and so has no identity.
type open struct{}

func (open) Name() string                            { return "open" }
func (open) Acquire(context.Context) (uint64, error) { return 0, nil }
func (open) Release(uint64, error)                   {}

// channel is the shortest bulkhead there is. A second Release would block it.
type channel struct {
	places chan struct{}
	waits  bool
}

func (channel) Name() string { return "channel" }

func (g channel) Acquire(ctx context.Context) (uint64, error) {
	if g.waits {
		select {
		case g.places <- struct{}{}:
			return 0, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	select {
	case g.places <- struct{}{}:
		return 0, nil
	default:
		return 0, errFull
	}
}

func (g channel) Release(uint64, error) { <-g.places }

// hall is a bulkhead with a queue. flaw is what is wrong with it, in broken_test.go.
type hall struct {
	limit, queue int
	patience     time.Duration // zero for ever
	flaw         string

	mu     sync.Mutex
	inside int
	line   []chan struct{}
}

func (*hall) Name() string { return "hall" }

func (g *hall) Acquire(ctx context.Context) (uint64, error) {
	g.mu.Lock()
	switch {
	case g.inside < g.limit:
		g.inside++
		g.mu.Unlock()
		return 0, nil
	case len(g.line) >= g.queue:
		g.mu.Unlock()
		return 0, errFull
	}
	turn := make(chan struct{})
	g.line = append(g.line, turn)
	g.mu.Unlock()
	var late <-chan time.Time
	if g.patience > 0 {
		timer := time.NewTimer(g.patience)
		defer timer.Stop()
		late = timer.C
	}
	done := ctx.Done()
	if g.flaw == "does not look at the context" {
		done = nil
	}
	select {
	case <-turn:
		return 0, nil
	case <-late:
		return 0, g.giveUp(turn, errFull)
	case <-done:
		return 0, g.giveUp(turn, ctx.Err())
	}
}

// giveUp leaves the line. Whose turn has just come takes the place after all.
func (g *hall) giveUp(turn chan struct{}, err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.line, turn)
	switch {
	case g.flaw == "keeps who gives up in the line":
	case g.flaw == "admits who gives up" && i >= 0:
		g.line = slices.Delete(g.line, i, i+1)
		g.inside++
		return nil
	case i >= 0 && i < len(g.line)-1 && g.flaw == "keeps who gives up before others in the line":
	case i >= 0:
		if g.flaw == "takes a place for who gives up" {
			g.inside++
		}
		g.line = slices.Delete(g.line, i, i+1)
	case g.flaw == "loses the place of who gives up at his turn":
	case g.flaw == "frees the place of who gives up at his turn, and wakes nobody":
		g.inside--
	case g.flaw == "gives a place to who gives up and to the next" && len(g.line) > 0:
		close(g.line[0])
		g.line = g.line[1:]
		return nil
	default:
		return nil
	}
	return err
}

func (g *hall) Release(uint64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.line) == 0 || g.flaw == "wakes nobody" {
		g.inside--
		return
	}
	close(g.line[0])
	g.line = g.line[1:]
}

// seats have numbers, so that it knows who has left already.
type seats struct {
	mu    sync.Mutex
	taken []bool
}

func (*seats) Name() string { return "seats" }

func (g *seats) Acquire(context.Context) (uint64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, taken := range g.taken {
		if !taken {
			g.taken[i] = true
			return uint64(i), nil
		}
	}
	return 0, errFull
}

func (g *seats) Release(token uint64, _ error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken[token] = false
}

// asking waits by asking every few milliseconds.
type asking struct{ *hall }

func (g asking) Acquire(ctx context.Context) (uint64, error) {
	for {
		if token, err := g.hall.Acquire(ctx); err == nil {
			return token, nil
		}
		time.Sleep(10 * time.Millisecond)
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
}

// bucket is a limiter: calls spend what time brings back. Who waits has reserved his share.
type bucket struct {
	size  int
	each  time.Duration
	waits time.Duration
	flaw  string // in broken_test.go

	mu   sync.Mutex
	full time.Time // when it will be
}

func newBucket(size int, each, waits time.Duration) *bucket {
	return &bucket{size: size, each: each, waits: waits, full: time.Now()}
}

func (*bucket) Name() string { return "bucket" }

func (g *bucket) Acquire(ctx context.Context) (uint64, error) {
	wait, ok := g.reserve()
	if !ok {
		return 0, errFull
	}
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.flaw != "keeps the share of who gives up" {
				g.full = g.full.Add(-g.each)
			}
			return 0, ctx.Err()
		}
	}
	return 0, nil
}

func (g *bucket) reserve() (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	full := g.full.Add(g.each)
	if g.full.Before(now) {
		full = now.Add(g.each)
	}
	wait = full.Sub(now) - time.Duration(g.size)*g.each
	if wait > g.waits {
		return 0, false
	}
	g.full = full
	return max(wait, 0), true
}

func (g *bucket) Release(uint64, error) {}

// tap fills a bucket by a goroutine of its own.
type tap struct {
	tokens chan struct{}
	stop   chan struct{}
}

func newTap(size int) *tap {
	g := &tap{make(chan struct{}, size), make(chan struct{})}
	for range size {
		g.tokens <- struct{}{}
	}
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				select {
				case g.tokens <- struct{}{}:
				default:
				}
			case <-g.stop:
				return
			}
		}
	}()
	return g
}

func (*tap) Name() string   { return "tap" }
func (g *tap) Close() error { close(g.stop); return nil }

func (g *tap) Acquire(ctx context.Context) (uint64, error) {
	select {
	case <-g.tokens:
		return 0, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (*tap) Release(uint64, error) {}

// pacer lets every call wait a little.
type pacer struct{}

func (pacer) Name() string { return "pacer" }

func (pacer) Acquire(ctx context.Context) (uint64, error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return 0, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (pacer) Release(uint64, error) {}

// fuse is a breaker: it blows after failures in a row, rests, and then admits one call at a time until one has succeeded; with steps,
// then two, four, and so on. flaw is what is wrong with it, in broken_test.go.
type fuse struct {
	blows uint64
	rest  time.Duration
	steps bool
	width int // how many it tries with at once, 1 unless set
	flaw  string

	mu       sync.Mutex
	phase    uint64
	failures uint64
	until    time.Time
	blown    bool
	room     int // how many may try now
	trying   int
	tried    time.Time // when the last of them began
	wary     bool
}

func (*fuse) Name() string { return "fuse" }

func (g *fuse) Acquire(context.Context) (uint64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.blown {
		return g.phase, nil
	}
	if time.Now().Before(g.until) || g.trying >= g.room {
		return 0, errFull
	}
	g.trying++
	g.tried = time.Now()
	return g.phase, nil
}

func (g *fuse) Release(token uint64, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if token != g.phase {
		if g.flaw == "panics at an end of another phase" {
			panic("who are you?")
		}
		return
	}
	if g.flaw == "loses a try that is late" && g.blown && time.Since(g.tried) > time.Hour {
		return
	}
	class := fault.Of(err)
	if g.blown && g.flaw == "stays wary after a try that is "+class.String() {
		g.wary = true
	}
	if g.blown && g.flaw != "loses a try that is "+class.String() {
		g.trying--
	}
	if class == fault.ClassSuperseded && fault.Outlasted(err) {
		class = fault.ClassTimeout
	}
	switch {
	case class.Failure() || g.flaw == "counts what is "+class.String():
		if g.failures++; g.failures >= g.blows || g.blown {
			g.phase++
			g.blown, g.until, g.room, g.trying = true, time.Now().Add(g.rest), max(g.width, 1), 0
			if g.flaw == "never tries again" {
				g.until = g.until.Add(math.MaxInt64)
			}
		}
	case class == fault.ClassSuccess || class == fault.ClassPermanent:
		g.failures = 0
		if g.blown {
			if g.wary {
				return
			}
			if g.room *= 2; !g.steps || g.room > many {
				g.phase++
				g.blown = false
			}
		}
	}
}

// adaptive admits more while calls succeed, and half as many after a failure. flaw is what is wrong with it, in broken_test.go.
type adaptive struct {
	limit  int
	slowly bool // by one after as many successes as it admits
	flaw   string

	mu         sync.Mutex
	inside, up int
}

func (*adaptive) Name() string { return "adaptive" }

func (g *adaptive) Acquire(context.Context) (uint64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside >= g.limit {
		return 0, errFull
	}
	g.inside++
	return 0, nil
}

func (g *adaptive) Release(_ uint64, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	switch class := fault.Of(err); {
	case class.Failure(), g.flaw == "shrinks after what is "+class.String():
		g.limit = max(g.limit/2, 1)
	case class == fault.ClassSuccess:
		if g.up++; !g.slowly || g.up >= g.limit {
			g.limit, g.up = g.limit+1, 0
		}
	}
}

// throttle refuses by chance, the more often the more of the calls have failed since the minute began.
type throttle struct {
	mu            sync.Mutex
	minute        time.Time
	all, accepted float64
}

func (*throttle) Name() string { return "throttle" }

func (g *throttle) Acquire(context.Context) (uint64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Since(g.minute) > time.Minute {
		g.minute, g.all, g.accepted = time.Now(), 0, 0
	}
	if rand.Float64() < (g.all-2*g.accepted)/(g.all+1) {
		return 0, errFull
	}
	return 0, nil
}

func (g *throttle) Release(_ uint64, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch class := fault.Of(err); {
	case class.Failure():
		g.all++
	case class == fault.ClassSuccess || class == fault.ClassPermanent:
		g.all++
		g.accepted++
	}
}
