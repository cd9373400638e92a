package notify_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile/internal/notify"
)

// A thousand goroutines make events under a lock of theirs and deliver them outside. Each is told once or counted as missed, one at a
// time, in the order in which it was made, though the listener panics now and then.
func TestStressQueue(t *testing.T) {
	defer goleak.VerifyNone(t)
	const goroutines, each = 1000, 100
	var (
		q            notify.Queue[int]
		mu           sync.Mutex
		made         int // under mu
		last         = -1
		inside       atomic.Int32
		told, missed int
		panics       atomic.Int64
	)
	listen := func(event int, gone uint64) {
		if inside.Add(1) != 1 {
			t.Error("two at a time")
		}
		defer inside.Add(-1)
		if event != last+1+int(gone) {
			t.Errorf("after %d came %d with %d missed", last, event, gone)
		}
		last, told, missed = event, told+1, missed+int(gone)
		if event%1000 == 0 {
			panic(event)
		}
		if event%7 == 0 {
			runtime.Gosched()
		}
	}
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range each {
				mu.Lock()
				q.Push(made)
				made++
				mu.Unlock()
				func() {
					defer func() {
						if recover() != nil {
							panics.Add(1)
						}
					}()
					q.Deliver(listen)
				}()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, goroutines*each, told+missed, "nothing is left behind")
	assert.Equal(t, goroutines*each-1, last)
	assert.Positive(t, panics.Load())
}
