package main

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ductile-go/ductile/safemode"
)

// nearby is a network within the program, so that a day takes no time.
type nearby struct {
	mu        sync.Mutex
	listeners map[string]*pipes
}

func newNearby() *nearby { return &nearby{listeners: map[string]*pipes{}} }

func (n *nearby) listen(name string) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[name] = &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
	return n.listeners[name], nil
}

func (n *nearby) dial(ctx context.Context, name string) (net.Conn, error) {
	n.mu.Lock()
	listener := n.listeners[name]
	n.mu.Unlock()
	client, server := net.Pipe()
	select {
	case listener.accepted <- server:
		return client, nil
	case <-listener.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pipes are a listener.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "nearby", Net: "pipe"} }

// live shows a day, before which the mode is told something, and returns what was said, and whether the promises were kept.
func live(t *testing.T, mode *safemode.Mode) (r results, said string, kept bool) {
	t.Helper()
	with, err := open(newNearby(), mode)
	if err != nil {
		t.Fatal(err)
	}
	without, err := open(newNearby(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	r = show(&b, day(), with, without)
	kept = promises(&b, r)
	if err := errors.Join(with.close(), without.close()); err != nil {
		t.Error(err)
	}
	return r, b.String(), kept
}

func TestShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, said, kept := live(t, newMode())
		if !kept || strings.Contains(said, "✗") || strings.Contains(said, "busy") {
			t.Error(said)
		}
		fits(t, said)
		with, without := r.storm()
		offered, _ := r.sum(r.begins(slow)+settled, r.begins(recovery))
		priced, _ := r.sum(r.begins(slower)+settled, r.begins(recovery))
		for _, tt := range []struct {
			about     string
			got       int
			low, high int
		}{
			{"orders in the storm", with.orders.all(), 104, 104},
			{"of them taken", len(with.orders.well), 60, 80},
			{"taken without a safe mode", len(without.orders.well), 20, 45},
			{"recommendations from the storm's first act on", len(offered.offers.well), 0, 5},
			{"prices in its second", len(priced.quotes.well), 0, 8},
			{"orders of which nobody heard", r.unheard(r.placed, func(r row) tally { return r.with }), 5, 30},
			{"without a safe mode", r.unheard(r.placedWithout, func(r row) tally { return r.without }), 15, 50},
			{"changes", len(r.changes), 10, 14},
			{"visitors that were due", len(r.delays), 900, 900},
		} {
			if tt.got < tt.low || tt.got > tt.high {
				t.Errorf("%s: %d, not from %d to %d", tt.about, tt.got, tt.low, tt.high)
			}
		}
		for _, row := range r.rows {
			for _, side := range []tally{row.with, row.without} {
				if side.offers.all() != 30 || side.quotes.all() != 30 || side.orders.all() != 8 {
					t.Errorf("%v: %+v", row.ends, side)
				}
			}
			if row.act.times == 1 && !row.opens && (len(row.without.orders.well) < 7 || row.without.chunks < 7) {
				t.Errorf("%v: the shop without a safe mode is not well: %+v", row.ends, row.without)
			}
		}
		for _, want := range []string{
			"shop refuses below degraded; by hand, or at 50 % failures of >= 20 calls in 1s, for 300ms; for 1.75s, then 5 probes, then one call in 4, 2",
			"normal → degraded too large a share of calls failed (", "degraded → safe too large",
			"safe too many probes failed (", "from here on 1 in 4 goes", "from here on 1 in 2 goes", "safe → degraded enough", "degraded → normal enough",
			"12.0s normal → safe by hand: the disk is exchanged 14.0s safe → normal handed back",
		} {
			if !strings.Contains(flat(said), want) {
				t.Errorf("no %q in\n%s", want, said)
			}
		}
	})
}

// fits sees that a text fits a wide terminal, and prose a narrow one.
func fits(t *testing.T, said string) {
	t.Helper()
	_, text, _ := strings.Cut(said, "Two shops") // before that speak the pipelines
	for line := range strings.Lines(text) {
		prose := !strings.ContainsAny(line, "│✓") && !strings.Contains(line, "s  ")
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 110 || prose && n > width {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.HasSuffix(line, " \n") || strings.Contains(line, "\u00a0") || strings.Contains(line, "%!") {
			t.Errorf("what does not belong there: %q", line)
		}
	}
}

// The promises are not a matter of luck: waits and probes are drawn anew each time.
func TestOtherDays(t *testing.T) {
	if raceEnabled {
		t.Skip("a day is long under the race detector, and TestShow has it for one")
	}
	for range 8 {
		synctest.Test(t, func(t *testing.T) {
			if _, said, kept := live(t, newMode()); !kept {
				t.Error(said)
			}
		})
	}
}

// Promises are broken by a mode that does not do what they say, and then both shops fare alike.
func TestOtherModes(t *testing.T) {
	if raceEnabled {
		t.Skip("a day is long under the race detector, and TestShow has it for one")
	}
	nothing := []string{
		"recommendations are let go", "80 % of the orders", "80 % of the prices", "prices, too", "80 % of the orders", "half as many orders",
		"it comes back by itself", "and then for all",
	}
	for _, tt := range []struct {
		about  string
		mode   func() *safemode.Mode
		broken []string
	}{
		{
			"off", func() *safemode.Mode {
				m := newMode()
				m.Hold(safemode.Normal, "no safe mode today")
				return m
			}, nothing,
		},
		{
			"not automatic", func() *safemode.Mode { return safemode.New() },
			nothing,
		},
		{
			"does not come back", func() *safemode.Mode {
				return safemode.New(safemode.Automatic(safemode.Window(modeWindow), safemode.Sustain(modeSustain)))
			}, []string{"it comes back by itself", "and then for all"},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, said, kept := live(t, tt.mode())
			var broken []string
			for line := range strings.Lines(said) {
				if _, promise, ok := strings.Cut(line, "✗ "); ok {
					broken = append(broken, promise)
				}
			}
			if kept || !slices.EqualFunc(broken, tt.broken, strings.HasPrefix) {
				t.Errorf("%s:\n%s", tt.about, said)
			}
		})
	}
}
