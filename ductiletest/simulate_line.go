package ductiletest

import (
	"slices"
	"time"
)

// A place is one in the line.
type place struct {
	task

	come chan struct{} // closed when it is his turn
	gone bool          // nobody waits at it any more
}

// enter takes a place at work, or one in the line, which it returns, or says that the line is full.
func (s *server) enter(w task) (turn *place, full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.busy < s.Capacity:
		s.busy++
		return nil, false
	case s.Queue > 0 && s.waits >= s.Queue:
		return nil, true
	}
	if len(s.line) > 2*s.waits+64 {
		s.line = slices.DeleteFunc(s.line, func(p *place) bool { return p.gone })
	}
	turn = &place{task: w, come: make(chan struct{})}
	s.line = append(s.line, turn)
	s.waits++
	return turn, false
}

// leave is for a caller who goes before it was his turn.
func (s *server) leave(turn *place) {
	s.mu.Lock()
	select {
	case <-turn.come: // at this very moment
		s.mu.Unlock()
		s.free()
		return
	default:
	}
	turn.gone = true
	if !s.WorksOn {
		s.waits--
	}
	s.mu.Unlock()
}

// drop is for a caller who goes while the dependency works for him, for so much longer.
func (s *server) drop(left time.Duration) {
	if !s.WorksOn {
		s.free()
		return
	}
	s.on(func() {
		time.Sleep(left)
		s.free()
	})
}

// free gives a place at work to who is next. Work for callers who have gone needs a goroutine of its own, one for each place at work at most.
func (s *server) free() {
	w, gone := s.next()
	if !gone {
		return
	}
	s.on(func() {
		for gone {
			took, _ := s.begin(w)
			time.Sleep(took + w.odd())
			w, gone = s.next()
		}
	})
}

// next tells who is next that it is his turn, or returns his work where he has gone and it is done all the same.
func (s *server) next() (w task, gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.line) > 0 {
		next := s.line[0]
		s.line = s.line[1:]
		if next.gone && !s.WorksOn {
			continue
		}
		s.waits--
		if !next.gone {
			close(next.come)
		}
		return next.task, next.gone
	}
	s.busy--
	return task{}, false
}

// close is for when all calls have ended: what is left in the line is nobody's.
func (s *server) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line = nil
}

// on goes on with work for nobody.
func (s *server) on(f func()) {
	s.work.Add(1)
	apart(func() {
		defer s.work.Done()
		f()
	})
}
