package ductile_test

import (
	"context"
	"sync"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
)

// mannered is a Middleware of the layer's manner, on a stage.
type mannered struct {
	layer
	stage *stage
	wait  time.Duration
}

func (*mannered) Name() string { return "mannered" }

func (m *mannered) Around(ctx context.Context, next func(context.Context) error) error {
	m.stage.at("before next")
	err := manners()[m.manner](m, ctx, next)
	m.stage.at("after next")
	return err
}

// safely calls next, and recovers what it panics with: a goroutine of one's own must.
func (m *mannered) safely(ctx context.Context, next func(context.Context) error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			m.stage.ours(panicked)
			m.stage.recovered.Add(1)
			err = errUser
		}
	}()
	return next(ctx)
}

// manners returns what a Middleware may do with next, good and bad.
func manners() map[string]func(m *mannered, ctx context.Context, next func(context.Context) error) error {
	return map[string]func(m *mannered, ctx context.Context, next func(context.Context) error) error{
		"passes on": func(_ *mannered, ctx context.Context, next func(context.Context) error) error { return next(ctx) },
		"answers":   func(*mannered, context.Context, func(context.Context) error) error { return nil },
		"refuses":   func(*mannered, context.Context, func(context.Context) error) error { return errUser },
		"recovers":  (*mannered).safely,
		"twice": func(_ *mannered, ctx context.Context, next func(context.Context) error) error {
			_ = next(ctx)
			return next(ctx)
		},
		"until it works": func(_ *mannered, ctx context.Context, next func(context.Context) error) (err error) {
			for range 3 {
				if err = next(ctx); err == nil {
					break
				}
			}
			return err
		},
		"forgives": func(_ *mannered, ctx context.Context, next func(context.Context) error) error {
			_ = next(ctx)
			return nil
		},
		"objects": func(_ *mannered, ctx context.Context, next func(context.Context) error) error {
			_ = next(ctx)
			return errUser
		},
		"all at once": func(m *mannered, ctx context.Context, next func(context.Context) error) error {
			var all sync.WaitGroup
			for range m.n {
				all.Go(func() { _ = m.safely(ctx, next) })
			}
			all.Wait()
			return nil
		},
		"the first of two": func(m *mannered, ctx context.Context, next func(context.Context) error) error {
			done := make(chan struct{}, 2)
			for range 2 {
				go func() {
					defer func() { done <- struct{}{} }()
					_ = m.safely(ctx, next)
				}()
			}
			<-done
			return nil
		},
		"leaves it running": func(m *mannered, ctx context.Context, next func(context.Context) error) error {
			go func() { _ = m.safely(ctx, next) }()
			time.Sleep(m.wait)
			return errUser
		},
		"comes late": func(m *mannered, ctx context.Context, next func(context.Context) error) error {
			go func() {
				time.Sleep(m.wait)
				_ = m.safely(ctx, next)
			}()
			return next(ctx)
		},
		"hurries": func(m *mannered, ctx context.Context, next func(context.Context) error) error {
			ctx, cancel := context.WithTimeout(ctx, m.wait)
			defer cancel()
			return next(ctx)
		},
		"strays": func(_ *mannered, _ context.Context, next func(context.Context) error) error { // which it must not
			return next(context.Background())
		},
		"panics": func(m *mannered, ctx context.Context, next func(context.Context) error) error {
			_ = next(ctx)
			m.stage.boom()
			return nil
		},
		"exits": func(m *mannered, ctx context.Context, next func(context.Context) error) error {
			_ = next(ctx)
			m.stage.exit()
			return nil
		},
	}
}

// audience watches what happens on a stage.
type audience struct{ stage *stage }

func (a audience) Begin(ctx context.Context, _ string) (context.Context, ductile.Watch) {
	a.stage.at("begin")
	w := &spectator{stage: a.stage, attempts: map[[2]int]*tries{}}
	a.stage.mu.Lock()
	defer a.stage.mu.Unlock()
	a.stage.watches = append(a.stage.watches, w)
	return ctx, w
}

// spectator watches one call.
type spectator struct {
	ductile.NopWatch
	stage *stage

	mu       sync.Mutex
	attempts map[[2]int]*tries // by attempt and copy
	over     int
}

// tries is what is known of an attempt's copy.
type tries struct{ started, ended int }

func (w *spectator) try(attempt, copy int) *tries {
	at := [2]int{attempt, copy}
	if w.attempts[at] == nil {
		w.attempts[at] = new(tries)
	}
	return w.attempts[at]
}

func (w *spectator) AttemptStarted(ctx context.Context, e ductile.AttemptStarted) context.Context {
	w.stage.at("attempt started")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.try(e.Attempt, e.Copy).started++
	return ctx
}

func (w *spectator) AttemptEnded(_ context.Context, e ductile.AttemptEnded) {
	w.mu.Lock()
	w.try(e.Attempt, e.Copy).ended++
	w.mu.Unlock()
	w.stage.at("attempt ended")
}

func (w *spectator) Rejected(context.Context, ductile.Rejected) { w.stage.at("rejected") }

func (w *spectator) RetryScheduled(context.Context, ductile.RetryScheduled) {
	w.stage.at("retry scheduled")
}

func (w *spectator) RetryStopped(context.Context, ductile.RetryStopped) { w.stage.at("retry stopped") }

func (w *spectator) HedgeStarted(_ context.Context, e ductile.HedgeStarted) {
	if e.Copy < 2 || e.After < 0 {
		w.stage.wrong("%+v", e)
	}
	w.stage.at("hedge started")
}

func (w *spectator) HedgeWon(_ context.Context, e ductile.HedgeWon) {
	switch e.Class {
	case fault.ClassCanceled, fault.ClassSuperseded, fault.ClassAborted, fault.ClassExited:
		w.stage.wrong("%+v", e)
	default:
	}
	w.stage.at("hedge won")
}

func (w *spectator) Contained(_ context.Context, e ductile.Contained) {
	w.stage.ours(e.Panic)
	w.stage.contained.Add(1)
	w.stage.at("contained")
}

func (w *spectator) TimedOut(context.Context, ductile.TimedOut) { w.stage.at("timed out") }
func (w *spectator) FellBack(context.Context, ductile.FellBack) { w.stage.at("fell back") }

func (w *spectator) Ended(context.Context, ductile.Ended) {
	w.mu.Lock()
	w.over++
	w.mu.Unlock()
	w.stage.at("ended")
}
