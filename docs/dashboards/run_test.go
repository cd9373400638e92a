package dashboards_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/ratelimit"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/safemode"
	"github.com/ductile-go/ductile/timeout"
)

// The run that everything is tried on: a service of two processes that is well but for a blip, then has an outage, and is well again.
const (
	job      = "shop"
	healthy  = 8 * time.Minute
	outage   = 7 * time.Minute
	recovery = 6 * time.Minute

	blipAt = 3 * time.Minute
	blip   = 40 * time.Second // for which nobody is to be called
)

// A day is a run, from when to when its outage was, and its end.
type day struct {
	scrapes                []scrape
	begin, down, well, end time.Time
}

// today returns the run, which is the same for all tests.
func today(t *testing.T) *day {
	recorded.once.Do(func() { synctest.Test(t, func(t *testing.T) { recorded.day = run(t) }) })
	if recorded.day == nil {
		t.Fatal("there is no run, because the test that made it has failed")
	}
	return recorded.day
}

var recorded struct {
	once sync.Once
	day  *day
}

func run(t *testing.T) *day {
	d := &day{begin: time.Now()}
	d.down = d.begin.Add(healthy)
	d.well = d.down.Add(outage)
	d.end = d.well.Add(recovery)
	ctx, stop := context.WithDeadline(t.Context(), d.end.Add(time.Second))
	defer stop()
	processes := []*process{newProcess(t, "shop-1:9464"), newProcess(t, "shop-2:9464")}
	for _, p := range processes {
		s := &service{process: p, day: d}
		s.start(ctx)
	}
	time.Sleep(370 * time.Millisecond) // never at the moment of a call, or it would be chance which of both is first
	for at := range time.Tick(every) {
		if at.After(d.end) {
			break
		}
		for _, p := range processes {
			d.scrapes = append(d.scrapes, p.scrape(t))
		}
	}
	<-ctx.Done()
	time.Sleep(time.Minute) // for the last calls to end
	return d
}

// A service is what a process does.
type service struct {
	*process
	*day
}

func (s *service) isDown() bool {
	within := func(since time.Time, most time.Duration) bool {
		past := time.Since(since)
		return past >= 0 && past < most
	}
	return within(s.down, outage) || within(s.begin.Add(blipAt), blip)
}

var errDown = errors.New("down")

// start has the service make its calls until ctx ends. Each pipeline is there for one kind of trouble.
func (s *service) start(ctx context.Context) {
	// In the outage somebody has the service degrade, and again after having thought it over. The inventory is asked all the same.
	mode := safemode.New(safemode.Name("shop mode"))
	for _, after := range []time.Duration{0, 2 * time.Minute} {
		from := time.Until(s.down) + after
		time.AfterFunc(from, func() { mode.Hold(safemode.Degraded, "outage") })
		time.AfterFunc(from+time.Minute, mode.Disengage)
	}
	// A dependency that hangs: its breaker opens, and what was last known is served.
	inventory := ductile.New("inventory",
		fallback.Value(7, fallback.Name("last known")),
		mode.For(safemode.Degraded),
		retry.New(retry.Attempts(3)),
		breaker.New(breaker.Name("inventory breaker")),
		timeout.New(2*time.Second),
	).With(s.observer)
	s.repeat(ctx, 200*time.Millisecond, 1, func(n int) {
		_, _ = ductile.Do(ctx, inventory, func(ctx context.Context) (int, error) {
			if s.isDown() {
				return 0, wait(ctx, time.Hour)
			}
			if n%100 == 0 {
				return 0, errDown
			}
			return 1, wait(ctx, 20*time.Millisecond)
		})
	})
	// A dependency that fails at once, behind retries and nothing else: their budget runs dry.
	payments := ductile.New("payments", retry.New(retry.Attempts(4)), timeout.New(time.Second)).With(s.observer)
	s.repeat(ctx, 200*time.Millisecond, 1, func(n int) {
		_ = ductile.Run(ctx, payments, func(ctx context.Context) error {
			if s.isDown() || n%50 == 0 {
				return errDown
			}
			return wait(ctx, 30*time.Millisecond)
		})
	})
	// A server whose work takes too long: it sheds. Its calls come in bursts, so that a few wait on good days, too.
	// The breaker of what it calls has nothing to do with that, and stays closed.
	orders := ductile.New("orders", bulkhead.New(4, bulkhead.Queue(2, time.Second)), breaker.New(), timeout.New(10*time.Second)).With(s.observer)
	s.repeat(ctx, time.Second, 5, func(int) {
		_ = ductile.Run(ctx, orders, func(ctx context.Context) error {
			if s.isDown() {
				return wait(ctx, 5*time.Second)
			}
			return wait(ctx, 50*time.Millisecond)
		})
	})
	// A quota that is enough, until everything is sent twice.
	mail := ductile.New("mail", ratelimit.New(rate.Limit(6), 2, ratelimit.Wait(time.Second))).With(s.observer)
	s.repeat(ctx, time.Second, 3, func(int) {
		send := func(ctx context.Context) error { return wait(ctx, 10*time.Millisecond) }
		_ = ductile.Run(ctx, mail, send)
		if s.isDown() {
			_ = ductile.Run(ctx, mail, send)
			_ = ductile.Run(ctx, mail, send)
		}
	})
	// A second choice that fails as the first does, for they have the same database.
	reviews := ductile.New("reviews",
		fallback.Func(func(context.Context, error) (int, error) { return 0, errDown }),
	).With(s.observer)
	s.repeat(ctx, 500*time.Millisecond, 1, func(int) {
		_, _ = ductile.Do(ctx, reviews, func(ctx context.Context) (int, error) {
			if s.isDown() {
				return 0, errDown
			}
			return 5, wait(ctx, 40*time.Millisecond)
		})
	})
	// Replicas some of which are slow, which is what copies are for. Nothing else befalls them.
	search := ductile.NewConcurrent("search", timeout.New(3*time.Second), hedge.New(hedge.After(35*time.Millisecond))).With(s.observer)
	s.repeat(ctx, 200*time.Millisecond, 1, func(n int) {
		_, _ = ductile.DoConcurrent(ctx, search, func(ctx context.Context) (int, error) {
			_, of := search.Attempt(ctx)
			switch {
			case of == 1 && n%25 == 0:
				err := wait(ctx, time.Second)
				if err != nil && s.isDown() {
					panic("in a copy that nobody waits for")
				}
				return n, err
			case of == 1 && n%26 == 0:
				return n, wait(ctx, 45*time.Millisecond) // so late that there is a copy, and so early that it loses
			case of == 1 && n%90 == 0:
				return 0, errDown // which the copy makes good
			}
			return n, wait(ctx, time.Duration(20+n%10)*time.Millisecond)
		}, ductile.Async)
	})
}

// repeat makes some calls at once, again and again, without waiting for them.
func (s *service) repeat(ctx context.Context, pause time.Duration, at int, call func(n int)) {
	go func() {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				for range at {
					go call(n)
				}
			}
		}
	}()
}

// wait waits, or returns why it could not.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
