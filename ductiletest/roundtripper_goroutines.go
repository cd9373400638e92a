package ductiletest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Stories of what is left when all is over.

// makes makes calls of many kinds, and closes their connections. It returns how many there were.
func (x *visit) makes(ctx context.Context) (made int) {
	const most, fewest = 21, 4
	s := x.serve(busy(says("hello")))
	x.did("made up to %d calls, most of which were answered 503 first, and closed all answers; then closed the connections", most)
	for made < most {
		r := x.askIn(ctx, http.MethodGet, s.URL+"/"+strconv.Itoa(made))
		if made%3 == 1 {
			r.Method = http.MethodPut
			(&parcel{text: "payload"}).give(r)
		}
		answer, err := s.send(r)
		if err != nil {
			break // a breaker may have had enough
		}
		if made%3 == 2 {
			_, _ = io.CopyN(io.Discard, answer.Body, 1)
			x.shut(answer)
		} else {
			x.read(answer)
		}
		made++
	}
	s.base.under.CloseIdleConnections()
	s.CloseClientConnections()
	if made < fewest {
		x.moot("allows no more than %d calls", made)
	}
	return made
}

func leavesNoGoroutine(x *visit) {
	x.settles(x.makes(x.ctx))
}

func letsGo(x *visit) {
	held := &holding{Context: x.ctx}
	made := x.makes(held)
	x.eventually(func() bool { return held.count() < made/2 }, "the caller's context, which goes on, had not lost what was made of it for %d calls", made)
	x.settles(made)
}

// settles waits until the goroutines that the transport started in the story have ended. A few may stay, as one that serves all calls.
func (x *visit) settles(made int) {
	n, stack := marked(x.label)
	for until := time.Now().Add(x.patience); n >= made/2+1; n, stack = marked(x.label) {
		if time.Now().After(until) {
			x.note(fmt.Sprintf("%v later, %d goroutines were still there", x.patience, n), stack)
			runtime.Goexit()
		}
		time.Sleep(time.Millisecond)
	}
}

// marked returns how many goroutines have a label, and where most of them are.
func marked(label string) (n int, stack string) {
	var profile bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&profile, 1)
	most := 0
	for group := range strings.SplitSeq(profile.String(), "\n\n") {
		if !strings.Contains(group, label) {
			continue
		}
		count := 0
		_, _ = fmt.Sscanf(first(group), "%d @", &count)
		n += count
		if count > most {
			most, stack = count, group
		}
	}
	return n, stack
}

// first returns the first line that has a count.
func first(group string) string {
	for lines := bufio.NewScanner(strings.NewReader(group)); lines.Scan(); {
		if strings.Contains(lines.Text(), " @ ") {
			return lines.Text()
		}
	}
	return ""
}

// holding is a context that knows how many contexts were made of it and have not ended.
type holding struct {
	context.Context

	mu   sync.Mutex
	held map[int]bool
	last int
}

// Value hides what is above from package context, which would go there directly.
func (h *holding) Value(any) any { return nil }

// AfterFunc is how package context holds on to a context of another kind.
func (h *holding) AfterFunc(func()) (stop func() bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held == nil {
		h.held = map[int]bool{}
	}
	h.last++
	one := h.last
	h.held[one] = true
	return func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		was := h.held[one]
		delete(h.held, one)
		return was
	}
}

func (h *holding) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.held)
}
