package safemode_test

import (
	"testing"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/safemode"
)

// A mode keeps what every gate owes, as it comes and however it is set.
func TestTheContractOfGates(t *testing.T) {
	// A refusal by a gate inside is nobody's fault, says the contract. A mode counts it all the same, for its caller was not served: so
	// the kit judges one that is told not to.
	soon := []safemode.AutomaticOption{safemode.Sustain(0), safemode.CountAs(fault.ClassRejected, fault.ClassIgnored)}
	for name, options := range map[string][]safemode.Option{
		"by hand":          {},
		"automatic":        {safemode.Automatic()},
		"at once":          {safemode.Automatic(soon...)},
		"one probe":        {safemode.Automatic(append(soon, safemode.Probes(1), safemode.Steps(1))...)},
		"many steps":       {safemode.Automatic(append(soon, safemode.Steps(100, 50, 20, 10, 5, 2, 1))...)},
		"many probes":      {safemode.Automatic(append(soon, safemode.Probes(50))...)},
		"any failure":      {safemode.Automatic(append(soon, safemode.MinCalls(1), safemode.FailureRate(1e-6))...)},
		"without growth":   {safemode.Automatic(append(soon, safemode.EngagedGrowth(1, time.Second))...)},
		"listener":         {safemode.Automatic(soon...), safemode.OnChange(func(safemode.Change) {})},
		"opinions":         {safemode.Automatic(append(soon, safemode.Classify(fault.Of), safemode.CountAs(fault.ClassCanceled, fault.ClassIgnored))...)},
		"named":            {safemode.Name("shop")},
		"any failed probe": {safemode.Automatic(append(soon, safemode.ReleaseRate(1e-6))...)},
	} {
		t.Run(name, func(t *testing.T) {
			ductiletest.Gate(t, func() ductile.Gate { return safemode.New(options...) })
		})
	}
	for _, lowest := range []safemode.Level{safemode.Normal, safemode.Degraded, safemode.Safe} {
		t.Run("for "+lowest.String(), func(t *testing.T) {
			ductiletest.Gate(t, func() ductile.Gate { return safemode.New(safemode.Automatic(soon...)).For(lowest) })
		})
	}
}
