package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// tell says in a few sentences what the results are, and why. None of it is known before.
func tell(w io.Writer, r results) {
	s := r.heaviest()
	bare, protected := s.bare, s.protected
	lines := []string{
		fmt.Sprintf("At %.1f times what it can do, the bare server answers %.0f requests a second in time, and the protected one %.0f.",
			s.load, bare.goodput(), protected.goodput()),
		fmt.Sprintf("Both databases had work all the time. But before the bare server's there was a line, of up to %d requests: when it was the turn of "+
			"one, its customer had waited for so long as to be about to leave. It began %d queries and finished %d.",
			bare.most, bare.begun, bare.finished),
		fmt.Sprintf("The protected server's began %d and finished %d: of %d requests in its handler at most the last has its answer after %s, and %s.",
			protected.begun, protected.finished, r.limit, ms(r.longest()), r.verdict()),
	}
	if len(protected.refused) > 0 {
		lines = append(lines, fmt.Sprintf("The others, %s, are refused after %s in the median, and can go elsewhere while they have the patience.",
			percent(protected.share(len(protected.refused))), protected.refused.shown(50)))
	}
	lines = append(lines, r.price()...)
	paragraph(w, strings.Join(lines, " "))
	for _, s := range r.stages {
		if s.busy() {
			paragraph(w, fmt.Sprintf("This machine has been busy with something else at %.1f times: one request in a hundred was made more than %s late.",
				s.load, ms(s.delays.quantile(99))))
		}
		for _, o := range []outcome{s.bare, s.protected} {
			if n := len(o.failed); n > 0 {
				paragraph(w, fmt.Sprintf("%d requests failed otherwise at %.1f times, the first with: %v.", n, s.load, o.failed[0]))
			}
		}
	}
}

// longest returns how long the last of the requests takes that the limit lets in at once: they go in turns, of one for each connection.
func (r results) longest() time.Duration {
	return takes * time.Duration((r.limit+connections-1)/connections)
}

// verdict says whether that is short enough.
func (r results) verdict() string {
	if r.longest() >= patience {
		return "nobody waits for so long: the limit is too large"
	}
	good := r.heaviest().protected.good
	return fmt.Sprintf("everybody has the patience for that: the p50 is %s, and the p99 %s", good.shown(50), good.shown(99))
}

// price says what the limit costs where there is no overload.
func (r results) price() []string {
	for _, s := range r.stages {
		if refused := len(s.protected.refused); s.load <= 1 && refused > 0 {
			return []string{fmt.Sprintf("That has a price: %d requests were refused at %.1f times, too, because customers do not come evenly. How "+
				"large a limit has to be for how few refusals is a table in the documentation of package bulkhead.", refused, s.load)}
		}
	}
	return nil
}
