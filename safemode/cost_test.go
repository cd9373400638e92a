package safemode_test

import (
	"math"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/safemode"
)

// Neither a call, a refusal nor a question allocates, whatever is switched on.
func TestAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	degraded := func(t *testing.T, m *safemode.Mode) { toDegraded(t, m) }
	for _, test := range []struct {
		name    string
		options []safemode.Option
		way     func(t *testing.T, m *safemode.Mode)
		err     error
	}{
		{"by hand, normal", nil, nil, errDown},
		{"by hand, safe", nil, func(_ *testing.T, m *safemode.Mode) { m.Engage("test") }, nil},
		{"automatic, normal", []safemode.Option{simple()}, nil, nil},
		{"automatic, failures", []safemode.Option{simple(safemode.MinCalls(math.MaxInt32))}, nil, errDown},
		{"automatic, in trouble", []safemode.Option{simple()}, func(t *testing.T, m *safemode.Mode) { calls(t, m, 1000, errDown) }, errDown},
		{"automatic, degraded", []safemode.Option{simple()}, degraded, nil},
		{"automatic, all probes out", []safemode.Option{simple()}, func(t *testing.T, m *safemode.Mode) {
			toDegraded(t, m)
			toTry(t, m)
			begin(t, m)
			begin(t, m)
		}, nil},
		{"automatic, a step", []safemode.Option{simple(), safemode.OnChange(func(safemode.Change) {})}, func(t *testing.T, m *safemode.Mode) {
			toDegraded(t, m)
			toTry(t, m)
			toStep(t, m)
		}, nil},
	} {
		in(t, test.name, func(t *testing.T) {
			m := safemode.New(test.options...)
			if test.way != nil {
				test.way(t, m)
			}
			gates := []gate{m, m.For(safemode.Degraded), m.For(safemode.Safe)}
			assert.Zero(t, testing.AllocsPerRun(1000, func() {
				for _, g := range gates {
					if token, err := g.Acquire(always); err == nil {
						g.Release(token, test.err)
					}
				}
				m.Allows(safemode.Degraded)
			}))
			assert.Zero(t, testing.AllocsPerRun(100, func() { m.Snapshot() }), "reading")
		})
	}
}

// Programs may keep a mode for each tenant.
func TestIsSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 10_000
		for want, options := range map[uint64][]safemode.Option{512: nil, 1024: {safemode.Automatic()}} {
			all := make([]*safemode.Mode, many)
			before := heap()
			for i := range all {
				all[i] = safemode.New(options...)
			}
			each := (heap() - before) / many
			runtime.KeepAlive(all)
			t.Logf("%d B", each)
			assert.LessOrEqual(t, each, want+8)
		}
	})
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
