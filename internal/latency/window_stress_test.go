package latency

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// While nothing has left the window nothing is lost, and however it turns nothing is counted twice.
func TestWindowStress(t *testing.T) {
	const goroutines, rounds = 8, 20_000
	for _, turns := range []int{0, 2, 50} {
		w := NewWindow(span)
		var recording, turning sync.WaitGroup
		for g := range goroutines {
			recording.Go(func() {
				for i := range rounds {
					w.Record(time.Duration(g*i) * time.Microsecond)
				}
			})
		}
		turning.Go(func() {
			for i := range turns {
				w.Advance(time.Duration(i+1) * time.Second)
				w.Read(time.Duration(i+1) * time.Second)
			}
		})
		recording.Wait()
		turning.Wait()
		counts := w.Read(time.Duration(turns) * time.Second)
		if turns < Slices {
			assert.EqualValues(t, goroutines*rounds, counts.Total, "nothing has left the window")
		} else {
			assert.LessOrEqual(t, counts.Total, uint64(goroutines*rounds))
		}
	}
}

// Whatever the window is made while durations come, none is lost that both windows hold, and none counted twice.
func TestResizeStress(t *testing.T) {
	const goroutines, rounds = 8, 20_000
	w := NewWindow(time.Hour)
	var recording, turning sync.WaitGroup
	for g := range goroutines {
		recording.Go(func() {
			for i := range rounds {
				w.Record(time.Duration(g*i) * time.Microsecond)
			}
		})
	}
	turning.Go(func() {
		for i := range 500 {
			now := time.Duration(i) * time.Second
			w.Resize(time.Hour+time.Duration(i%7)*time.Minute, now)
			counts := w.Read(now)
			assert.LessOrEqual(t, counts.Total, uint64(goroutines*rounds))
		}
	})
	recording.Wait()
	turning.Wait()
	assert.EqualValues(t, goroutines*rounds, holds(w, 500*time.Second))
}
