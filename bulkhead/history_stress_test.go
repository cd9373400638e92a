package bulkhead_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/bulkhead"
)

// Linearizability: whatever many goroutines do at once, there is an order of single steps, each between the beginning and the end of its
// call, in which a bulkhead without any concurrency would have answered the same. The steps are finer than the calls, so that the order
// of the queue is checked, too: a call that waits comes in one step, and is given its permit, or leaves, in another.

// A step is what happened to a bulkhead, as those saw it who called it.
type step struct {
	what             string
	id               byte // of the call, for come, go and leave
	inFlight, queued int  // for look
	limit, queue     int  // for look, refuse and tune
}

const (
	come    = "come"     // takes a permit or a place in the queue
	comeOn  = "come on"  // takes a place in the queue
	goes    = "go"       // has a permit
	leaves  = "leave"    // gives up
	refuses = "refuse"   // finds no place in the queue
	gives   = "give"     // gives a permit back
	looks   = "snapshot" // reads how many are in flight and in the queue
	tunes   = "update"   // changes the limit and the queue
)

// A sequence is a bulkhead to which one thing happens after the other.
type sequence struct {
	limit, queue int
	inFlight     int
	line         string // who waits, the first first
	granted      string // who has a permit and does not know it yet; sorted
}

// after returns what a bulkhead is after a step, and whether the step is possible.
func (s sequence) after(next step) (sequence, bool) {
	id := string(next.id)
	switch next.what {
	case come, comeOn:
		switch {
		case s.inFlight < s.limit:
			s.inFlight++
			return s.grant(id), next.what == come && s.line == ""
		case len(s.line) < s.queue:
			s.line += id
			return s, true
		}
		return s, false
	case goes:
		had := strings.Contains(s.granted, id)
		s.granted = strings.Replace(s.granted, id, "", 1)
		return s, had
	case leaves:
		if strings.Contains(s.line, id) {
			s.line = strings.Replace(s.line, id, "", 1)
			return s, true
		}
		had := strings.Contains(s.granted, id)
		s.granted = strings.Replace(s.granted, id, "", 1)
		return s.give(), had
	case refuses:
		return s, s.inFlight >= s.limit && len(s.line) >= s.queue && next.limit == s.limit && next.queue == s.queue
	case gives:
		return s.give(), s.inFlight > 0
	case tunes:
		s.limit, s.queue = next.limit, next.queue
		for s.line != "" && s.inFlight < s.limit {
			s.inFlight++
			s = s.first()
		}
		return s, true
	default:
		return s, next.inFlight == s.inFlight && next.queued == len(s.line) && next.limit == s.limit && next.queue == s.queue
	}
}

func (s sequence) give() sequence {
	if s.line == "" || s.inFlight > s.limit {
		s.inFlight--
		return s
	}
	return s.first()
}

// first gives a permit to the first in the queue.
func (s sequence) first() sequence {
	first := s.line[:1]
	s.line = s.line[1:]
	return s.grant(first)
}

func (s sequence) grant(id string) sequence {
	all := strings.Split(s.granted+id, "")
	slices.Sort(all)
	s.granted = strings.Join(all, "")
	return s
}

func TestStressHistoriesAreLinearizable(t *testing.T) {
	for _, test := range []struct {
		name         string
		limit, queue int
		wait         time.Duration
		tuned        bool
	}{
		{"no queue, one permit", 1, 0, 0, false},
		{"no queue, two permits", 2, 0, 0, false},
		{"one permit, one place", 1, 1, time.Minute, false},
		{"one permit, three places", 1, 3, time.Minute, false},
		{"two permits, two places", 2, 2, time.Minute, false},
		{"two permits, two places, short waits", 2, 2, 5 * time.Microsecond, false},
		{"no queue, tuned", 2, 0, 0, true},
		{"two permits, two places, tuned", 2, 2, time.Minute, true},
		{"two permits, two places, short waits, tuned", 2, 2, 5 * time.Microsecond, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var options []bulkhead.Option
			if test.queue > 0 {
				options = append(options, bulkhead.Queue(test.queue, test.wait))
			}
			sequential := porcupine.Model{
				Init: func() any { return sequence{limit: test.limit, queue: test.queue} },
				Step: func(state, input, _ any) (bool, any) {
					next, ok := state.(sequence).after(input.(step)) //nolint:errcheck // it is what Init and record make
					return ok, next
				},
			}
			seen := map[string]int{}
			rounds := 2000
			if raceEnabled {
				rounds /= 10
			}
			for round := range rounds {
				history := record(bulkhead.New(test.limit, options...), uint64(round), test.tuned, test.wait)
				require.True(t, porcupine.CheckOperations(sequential, history), "%+v", history)
				for _, op := range history {
					seen[op.Input.(step).what]++ //nolint:errcheck // it is what record makes
				}
			}
			t.Log(seen)
			require.Positive(t, seen[refuses])
			require.Equal(t, test.queue > 0, seen[leaves] > 0)
			require.Equal(t, test.tuned, seen[tunes] > 0)
		})
	}
}

// record lets a few goroutines use a bulkhead, and returns what each saw, and when.
func record(b *bulkhead.Bulkhead, seed uint64, tuned bool, wait time.Duration) (history []porcupine.Operation) {
	const callers, calls = 5, 12
	var (
		mu   sync.Mutex
		all  sync.WaitGroup
		base = time.Now()
	)
	for caller := range callers {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(seed, uint64(caller)))
			for call := range calls {
				steps := one(b, dice, base, byte('0'+caller*calls+call))
				if tuned && dice.IntN(3) == 0 {
					steps = append(steps, tune(b, dice, base, wait))
				}
				mu.Lock()
				for _, s := range steps {
					s.ClientId = caller
					history = append(history, s)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return history
}

// one makes a call, or none because there is no permit.
func one(b *bulkhead.Bulkhead, dice *rand.Rand, base time.Time, id byte) (steps []porcupine.Operation) {
	var began time.Duration
	begin := func() { began = time.Since(base) }
	note := func(s step) {
		steps = append(steps, porcupine.Operation{Input: s, Call: int64(began), Return: int64(time.Since(base))})
	}
	ctx, cancel := context.WithCancel(always)
	defer cancel()
	if dice.IntN(3) == 0 {
		pauses := dice.IntN(5)
		go func() {
			pause(pauses)
			cancel()
		}()
	}
	begin()
	token, err := b.Acquire(ctx)
	full, _ := errors.AsType[*bulkhead.FullError](err)
	switch {
	case err == nil:
		note(step{what: come, id: id})
		note(step{what: goes, id: id})
		pause(dice.IntN(3))
		begin()
		b.Release(token, nil)
		note(step{what: gives})
	case full.Reason == bulkhead.ReasonFull, full.Reason == bulkhead.ReasonQueueFull:
		note(step{what: refuses, limit: full.Limit, queue: full.Queue})
	case full.Waited > 0: // otherwise it was canceled before it came
		note(step{what: comeOn, id: id})
		note(step{what: leaves, id: id})
	}
	if dice.IntN(3) == 0 {
		begin()
		s := b.Snapshot()
		note(step{what: looks, inFlight: s.InFlight, queued: s.Queued, limit: s.Limit, queue: s.Queue})
	}
	pause(dice.IntN(3))
	return steps
}

// tune changes the limit, and the queue where there is one.
func tune(b *bulkhead.Bulkhead, dice *rand.Rand, base time.Time, wait time.Duration) porcupine.Operation {
	s := step{what: tunes, limit: 1 + dice.IntN(4)}
	options := []bulkhead.Option{bulkhead.Limit(s.limit)}
	if wait > 0 {
		s.queue = dice.IntN(4)
	}
	if s.queue > 0 {
		options = append(options, bulkhead.Queue(s.queue, wait))
	} else {
		options = append(options, bulkhead.NoQueue())
	}
	began := time.Since(base)
	_ = b.Update(options...) // which cannot fail
	return porcupine.Operation{Input: s, Call: int64(began), Return: int64(time.Since(base))}
}

// pause lets others in, so many times.
func pause(times int) {
	for range times {
		runtime.Gosched()
	}
}
