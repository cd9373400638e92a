package main

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/safemode"
)

// Over real connections visitors get what the services say, and from a service that is not asked, or not there, what is shown instead.
func TestShop(t *testing.T) {
	s, err := open(newLoopback(), newMode())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(level safemode.Level, want [3]string) {
		t.Helper()
		for i, call := range []func(context.Context) (string, error){s.offer, s.quote, s.order} {
			got, err := call(t.Context())
			if got != want[i] || (err != nil) != (want[i] == "") {
				t.Errorf("%v: %q, %v; not %q", level, got, err, want[i])
			}
		}
	}
	const offer, price, order = "fresh from recommendations\n", "fresh from prices\n", "fresh from orders\n"
	ask(safemode.Normal, [3]string{offer, price, order})
	s.mode.Hold(safemode.Degraded, "a test")
	ask(safemode.Degraded, [3]string{bestSellers, price, order})
	s.mode.Engage("a test")
	ask(safemode.Safe, [3]string{bestSellers, listPrice, order})
	if n := s.services[recommendations].done.Load() + 10*s.services[prices].done.Load() + 100*s.services[orders].done.Load(); n != 321 {
		t.Errorf("the services were asked %d times, from the last digit on", n)
	}
	s.mode.Disengage()
	if err := s.close(); err != nil {
		t.Error(err)
	}
	ask(safemode.Normal, [3]string{bestSellers, listPrice, ""})
}

// Both shops are the same, but for the safe mode.
func TestPipelines(t *testing.T) {
	mode := newMode()
	with, without := withMode(mode), withoutMode()
	for lowest, p := range [][2]*ductile.Pipeline{{with.recommend, without.recommend}, {with.price, without.price}, {with.checkout, without.checkout}} {
		gate := slices.IndexFunc(p[0].Policies(), ofMode)
		if want := max(1-lowest/2, 0); gate != want {
			t.Errorf("in %v the safe mode is number %d", p[0], gate)
			continue
		}
		if g := p[0].Policies()[gate]; g != ductile.Policy(mode) && g != ductile.Policy(mode.For(safemode.Level(lowest))) {
			t.Errorf("%v goes at another level", p[0])
		}
		rest := ductile.New(p[0].Name(), slices.Delete(p[0].Policies(), gate, gate+1)...)
		if rest.String() != p[1].String() || slices.ContainsFunc(p[1].Policies(), ofMode) {
			t.Errorf("%v\nis not\n%v", rest, p[1])
		}
	}
}

// The search index is rebuilt while that is allowed.
func TestIndex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mode := newMode()
		for _, s := range []*shop{{mode: mode, database: newDatabase()}, {database: newDatabase()}} {
			mode.Disengage()
			var chunks atomic.Int64
			stop := make(chan struct{})
			done := make(chan struct{})
			go func() {
				defer close(done)
				s.index(stop, func() { chunks.Add(1) })
			}()
			time.Sleep(9*(indexTakes+indexPauses) + 1)
			synctest.Wait()
			if n := chunks.Load(); n != 10 {
				t.Errorf("%d chunks", n)
			}
			mode.Hold(safemode.Degraded, "a test")
			time.Sleep(time.Second)
			synctest.Wait()
			if n := chunks.Load(); (n == 10) != (s.mode != nil) {
				t.Errorf("%d chunks", n)
			}
			close(stop)
			<-done
		}
	})
}
