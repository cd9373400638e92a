package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// show makes the calls over loopback, prints what became of them, and reports whether the traces keep what they promise.
func show(ctx context.Context, w io.Writer) (kept bool, err error) {
	s, err := newStage(ctx)
	if err != nil {
		return false, err
	}
	inventory, handler, newShop := s.actors()
	server := httptest.NewServer(handler)
	defer server.Close()
	base := http.DefaultTransport.(*http.Transport).Clone()
	defer base.CloseIdleConnections()

	late := watchClock()
	played, err := play(ctx, w, s.journal, newShop(server.URL, base), inventory)
	if busy := late() > tolerable; err == nil {
		kept = promises(w, played, busy)
		err = s.close(ctx, w)
	}
	return kept, err
}

// A scene is an episode as it was played.
type scene struct {
	episode
	spans    []*span
	roots    []*span
	got      Stock
	err      error
	requests int // that reached the inventory
	leaks    int // spans that hold a text of the inventory's
}

// play makes the calls, and prints each.
func play(ctx context.Context, w io.Writer, j *journal, shop *shop, inventory *inventory) (played []scene, err error) {
	introduce(w, shop.pipeline)
	for i, e := range script() {
		fmt.Fprintf(w, "%d. %s\n\n", i+1, e.title)
		paragraph(w, e.story)
		s := scene{episode: e}
		inventory.plan(e.fates)
		before := inventory.seen()
		s.got, s.err = shop.Stock(ctx)
		s.requests = inventory.seen() - before
		if err := s.find(ctx, j); err != nil {
			return nil, err
		}
		for _, root := range s.roots {
			draw(w, root)
		}
		fmt.Fprintln(w)
		if e.attributes {
			s.quote(w)
		}
		paragraph(w, "→ The customer was told: "+s.told()+".")
		played = append(played, s)
	}
	return played, nil
}

// find takes the spans out of the journal.
func (s *scene) find(ctx context.Context, j *journal) error {
	found, err := j.take(ctx)
	for _, span := range found {
		s.spans = append(s.spans, read(span))
		if strings.Contains(fmt.Sprint(span.Name(), span.Attributes(), span.Events(), span.Status()), insides) {
			s.leaks++
		}
	}
	s.roots = tree(s.spans)
	return err
}

// told returns what the customer hears.
func (s *scene) told() string {
	switch {
	case s.err != nil:
		return "we do not know"
	case s.got.Old:
		return fmt.Sprintf("%d umbrellas, as of yesterday", s.got.Umbrellas)
	default:
		return fmt.Sprintf("%d umbrellas", s.got.Umbrellas)
	}
}

// quote prints what the span of the call says, as it does anywhere else.
func (s *scene) quote(w io.Writer) {
	fmt.Fprint(w, "All this is in the attributes of the spans. Those of the call are:\n\n")
	says := s.roots[0].says
	var keys []string
	for key := range says {
		keys = append(keys, string(key))
	}
	slices.Sort(keys)
	for _, key := range keys {
		fmt.Fprintf(w, "    %-28s %s\n", key, says[attribute.Key(key)].String())
	}
	fmt.Fprintln(w)
}

// introduce says what is going to be seen.
func introduce(w io.Writer, p fmt.Stringer) {
	paragraph(w, "A shop asks an inventory for the number of umbrellas, over HTTP, through this pipeline, which package telemetry watches:")
	const policies = 19 // columns
	for line := range strings.Lines(p.String()) {
		text := lines(strings.TrimRight(line, "\n"), width-4)
		fmt.Fprintf(w, "    %s\n", strings.ReplaceAll(text, "\n", "\n    "+strings.Repeat(" ", policies)))
	}
	fmt.Fprintln(w)
	paragraph(w, "Below are the traces of five calls. Time goes from left to right: the call, its attempts and their copies, and the HTTP requests "+
		"that these made. On the right is how long each took, and how it ended.")
	legend(w)
}
