package gobreakeradapter

import "sync"

// A ledger keeps the callback of each call between its two steps, in places that are used again, the last one first.
//
// Its lock is taken for a few nanoseconds, right after gobreaker's own, which is held for much longer: several ledgers, or one without
// a lock, are no faster behind it.
type ledger struct {
	mu     sync.Mutex
	places []place
	free   uint32 // the number of a free place, from 1; zero where there is none
}

// A place is of one call at a time.
type place struct {
	done  func(error) // nil while the place is free
	turn  uint32      // how many calls have had the place
	after uint32      // the next free place
}

// enter keeps a callback. The token has the place's number, and above it the turn, so that a token of a former turn is known as such.
func (l *ledger) enter(done func(error)) (token uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free == 0 {
		l.places = append(l.places, place{})
		l.free = uint32(len(l.places))
	}
	number := l.free
	p := &l.places[number-1]
	l.free, p.done = p.after, done
	p.turn++
	return uint64(p.turn)<<32 | uint64(number)
}

// leave returns the callback of a token and frees its place, or nil where the call has left already.
func (l *ledger) leave(token uint64) (done func(error)) {
	number, turn := uint32(token), uint32(token>>32)
	l.mu.Lock()
	defer l.mu.Unlock()
	if number == 0 || uint64(number) > uint64(len(l.places)) {
		return nil
	}
	p := &l.places[number-1]
	if p.done == nil || p.turn != turn {
		return nil
	}
	done, p.done = p.done, nil
	p.after, l.free = l.free, number
	return done
}
