package main

import (
	"context"
	"sync"
	"time"

	"github.com/ductile-go/ductile"
)

// A row is what became of the visits of one tick.
type row struct {
	act           act
	opens         bool          // the act
	ends          time.Duration // since the day began
	with, without tally
}

// A load is the visitors of both shops, and what came of them.
type load struct {
	began time.Time
	with  *shop
	both  [2]*shop
	calls []sync.WaitGroup // by row

	mu     sync.Mutex
	rows   []row
	delays latencies // by which visitors came later than they were due: this machine is busy with something else
}

func newLoad(day []act, with, without *shop) *load {
	l := &load{began: time.Now(), with: with, both: [2]*shop{with, without}}
	for _, a := range day {
		for i := range int(a.length / tick) {
			l.rows = append(l.rows, row{act: a, opens: i == 0, ends: time.Duration(len(l.rows)+1) * tick})
		}
	}
	l.calls = make([]sync.WaitGroup, len(l.rows))
	return l
}

// run has the shops live through the day, and says of each row what it has come to when its calls have ended. It is open-loop: visitors
// come when they are due, whether or not those before have been served.
func (l *load) run(ended func(row)) {
	stop := make(chan struct{})
	var work sync.WaitGroup
	for _, s := range l.both {
		work.Go(func() { s.index(stop, func() { l.built(s) }) })
	}
	over := make(chan int, len(l.rows))
	work.Go(func() {
		for i := range over {
			l.calls[i].Wait()
			ended(l.row(i))
		}
	})
	for i := range l.rows {
		r := l.row(i)
		if r.opens {
			l.begin(r.act)
		}
		l.play(i, l.began.Add(r.ends-tick))
		over <- i
	}
	close(over)
	close(stop)
	work.Wait()
}

// row returns a row as it is.
func (l *load) row(i int) row {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rows[i]
}

// begin turns to an act.
func (l *load) begin(a act) {
	for _, s := range l.both {
		s.database.times.Store(int64(a.times))
	}
	switch mode := l.with.mode; {
	case a.engage != "":
		mode.Engage(a.engage)
	case a.disengage:
		mode.Disengage()
	}
}

// play has the visitors of a row come.
func (l *load) play(row int, first time.Time) {
	const visits = int(perSecond * tick / time.Second)
	for n := range visits {
		due := first.Add(tick * time.Duration(n) / time.Duration(visits))
		time.Sleep(time.Until(due))
		l.late(time.Since(due))
		for i := range l.both {
			s := l.both[(n+i)%len(l.both)] // in turn the first
			t := l.tally(row, s)
			l.make(row, due, s.offer, &t.offers)
			l.make(row, due, s.quote, &t.quotes)
			if n%oneOrders == 0 {
				l.make(row, due, s.order, &t.orders)
			}
		}
	}
	time.Sleep(time.Until(first.Add(tick)))
}

// make makes a call that is due, and counts how it ends.
func (l *load) make(row int, due time.Time, call func(context.Context) (string, error), count *count) {
	l.calls[row].Go(func() {
		ctx, report := ductile.WithReport(context.Background())
		_, err := call(ctx)
		took := time.Since(due)
		l.mu.Lock()
		defer l.mu.Unlock()
		count.add(took, err, report.Degraded())
	})
}

// built counts a chunk of the search index that is begun.
func (l *load) built(s *shop) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := int(time.Since(l.began) / tick)
	l.tally(min(now, len(l.rows)-1), s).chunks++
}

func (l *load) late(by time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delays = append(l.delays, by)
}

// tally returns where a shop's part of a row is counted, which is done under mu.
func (l *load) tally(row int, s *shop) *tally {
	if s == l.with {
		return &l.rows[row].with
	}
	return &l.rows[row].without
}
