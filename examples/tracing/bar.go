package main

import (
	"strings"
	"time"
)

// A scale is where times are, in columns.
type scale struct {
	from   time.Time
	length time.Duration
}

// A bar is a part of a row, as wide as all of them.
type bar [bars]rune

// column returns where a time is, from 0 to bars.
func (s scale) column(at time.Time) int {
	n := (at.Sub(s.from)*bars + s.length/2) / max(s.length, 1)
	return int(min(max(n, 0), bars))
}

// bar returns one from a time to another. What takes time is at least a column wide, and a wait may be too short to be seen.
func (s scale) bar(from, to time.Time, of rune) (b bar) {
	first, last := s.column(from), s.column(to)
	switch {
	case of == waiting:
	case s.length == 0: // on a clock that has not moved
		last = bars
	case first == last:
		first = min(first, bars-1)
		last = first + 1
	}
	for i := first; i < last; i++ {
		b[i] = of
	}
	return b
}

// point returns a mark at a time, in the last column before it.
func (s scale) point(at time.Time, mark rune) (b bar) {
	i := max(s.column(at), 1) - 1
	if s.length == 0 {
		i = bars - 1
	}
	b[i] = mark
	return b
}

// over returns both, the other where they are in the same place.
func (b bar) over(other bar) bar {
	for i, r := range other {
		if r != 0 {
			b[i] = r
		}
	}
	return b
}

// blank returns how many columns there are before something is drawn.
func (b bar) blank() int {
	for i, r := range b {
		if r != 0 {
			return i
		}
	}
	return bars
}

func (b bar) String() string {
	return strings.Map(func(r rune) rune {
		if r == 0 {
			return ' '
		}
		return r
	}, string(b[:]))
}
