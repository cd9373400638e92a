package hedge_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/hedge"
)

// No decision allocates, also when the window turns and the delay is worked out anew.
func TestAHedgeAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Share(1))
		p := hedge.New(hedge.Budget(b), hedge.Window(time.Second), hedge.MinSamples(1), hedge.Classify(fault.Of))
		ends := []error{
			nil, errDown, fault.Permanent(errDown), context.DeadlineExceeded, fault.Superseded(true), fault.ErrAborted,
			fault.Final(errDown), pushed{0}, pushed{-1},
		}
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			b.Deposit()
			for _, err := range ends {
				p.Delay(1)
				p.Launch(1, noDeadline)
				p.Observe(time.Microsecond, err)
				p.Observe(time.Second, err)
			}
			p.Snapshot()
			time.Sleep(time.Second / 4)
		}))
		s := p.Snapshot()
		assert.Positive(t, s.Launched)
		assert.Positive(t, s.Refused)
		assert.True(t, s.Known)
	})
}

// Programs may keep a hedge for each host, so its size matters: 5.5 KiB, however much it has seen.
func TestAHedgeIsSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 1000
		all := make([]*hedge.Policy, many)
		before := heap()
		for i := range all {
			all[i] = hedge.New()
			answers(all[i], 10, time.Duration(i)*time.Millisecond)
			all[i].Snapshot()
		}
		each := (heap() - before) / many
		runtime.KeepAlive(all)
		t.Logf("%d B", each)
		assert.LessOrEqual(t, each, uint64(5632+16), "and a little for what else goes on")
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
