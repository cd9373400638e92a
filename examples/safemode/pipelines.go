package main

import (
	"slices"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/safemode"
	"github.com/ductile-go/ductile/timeout"
)

// What visitors are shown where a service is not asked, or does not answer.
const (
	bestSellers = "the best sellers of last week"
	listPrice   = "the list price"
)

// Pipelines are how a shop calls its services.
type pipelines struct {
	recommend, price, checkout *ductile.Pipeline
}

// withMode returns pipelines with a safe mode: right below the fallback there is a gate, which says up to which level the work is done.
// An order has no fallback, and is not repeated: it may have been placed.
func withMode(shop *safemode.Mode) pipelines {
	return pipelines{
		recommend: ductile.New("recommend",
			fallback.Value(bestSellers), shop, // only while normal
			whole(), again(), opens(recommendations), room(), each()),
		price: ductile.New("price",
			fallback.Value(listPrice), shop.For(safemode.Degraded), // up to degraded
			whole(), again(), opens(prices), room(), each()),
		checkout: ductile.New("checkout",
			shop.For(safemode.Safe), // always
			opens(orders), room(), each()),
	}
}

// withoutMode returns the same pipelines, but for the safe mode.
func withoutMode() pipelines {
	p := withMode(newMode())
	for _, each := range []**ductile.Pipeline{&p.recommend, &p.price, &p.checkout} {
		*each = ductile.New((*each).Name(), slices.DeleteFunc((*each).Policies(), ofMode)...)
	}
	return p
}

// ofMode reports whether a policy is a safe mode, or a gate of one.
func ofMode(p ductile.Policy) bool {
	switch p.(type) {
	case *safemode.Mode, *safemode.Gate:
		return true
	default:
		return false
	}
}

func whole() ductile.Policy { return timeout.New(deadline, timeout.Name("total")) }
func each() ductile.Policy  { return timeout.New(deadline) }
func again() ductile.Policy { return retry.New(retry.Attempts(2)) }
func room() ductile.Policy  { return bulkhead.New(perSecond / 2) } // for twice as many as come in the time of a deadline

func opens(service string) ductile.Policy {
	return breaker.New(
		breaker.Name(service),
		breaker.Window(breakerWindow),
		breaker.OpenTime(breakerOpens),
		breaker.OpenTimeGrowth(1, breakerOpens), // not for longer each time, as for the mode
		breaker.Probes(3))
}
