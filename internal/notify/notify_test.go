package notify_test

import (
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/internal/notify"
)

// heard collects what a listener is told.
type heard struct {
	events []int
	missed uint64
}

func (h *heard) listen(event int, missed uint64) {
	h.events = append(h.events, event)
	h.missed += missed
}

func TestInOrderOnce(t *testing.T) {
	var q notify.Queue[int]
	var h heard
	q.Deliver(h.listen) // nothing yet
	for n := range 3 {
		q.Push(n)
	}
	q.Deliver(h.listen)
	q.Deliver(h.listen)
	q.Push(3)
	q.Deliver(h.listen)
	assert.Equal(t, []int{0, 1, 2, 3}, h.events)
	assert.Zero(t, h.missed)
}

// What waits is bounded: the oldest give way, and the next delivery says how many.
func TestBounded(t *testing.T) {
	var q notify.Queue[int]
	type told struct {
		event  int
		missed uint64
	}
	var all []told
	listen := func(event int, missed uint64) { all = append(all, told{event, missed}) }
	for n := range notify.Capacity + 10 {
		q.Push(n)
	}
	q.Deliver(listen)
	assert.Len(t, all, notify.Capacity)
	assert.Equal(t, told{10, 10}, all[0])
	assert.Equal(t, told{11, 0}, all[1], "once")
	assert.Equal(t, told{notify.Capacity + 9, 0}, all[notify.Capacity-1])
}

// A listener that makes events, or delivers them, hears of them afterwards: it is not called within itself.
func TestListenerPushes(t *testing.T) {
	var q notify.Queue[int]
	var h heard
	inside := false
	var listen func(int, uint64)
	listen = func(event int, missed uint64) {
		assert.False(t, inside)
		inside = true
		h.listen(event, missed)
		if event < 5 {
			q.Push(event + 1)
			q.Deliver(listen)
		}
		inside = false
	}
	q.Push(0)
	q.Deliver(listen)
	assert.Equal(t, []int{0, 1, 2, 3, 4, 5}, h.events)
}

// While somebody delivers, the others leave their events to it and go on.
func TestOneDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q notify.Queue[int]
		var h heard
		hang := make(chan struct{})
		q.Push(0)
		go q.Deliver(func(event int, missed uint64) {
			<-hang
			h.listen(event, missed)
		})
		synctest.Wait()
		for n := 1; n < 4; n++ {
			q.Push(n)
			q.Deliver(func(int, uint64) { t.Error("the other one is at it") })
		}
		close(hang)
		synctest.Wait()
		assert.Equal(t, []int{0, 1, 2, 3}, h.events)
	})
}

// A panic passes through to who delivers, after the events behind it have been delivered.
func TestPanic(t *testing.T) {
	var q notify.Queue[int]
	var h heard
	listen := func(event int, missed uint64) {
		h.listen(event, missed)
		if event == 1 {
			panic("boom")
		}
	}
	for n := range 4 {
		q.Push(n)
	}
	assert.PanicsWithValue(t, "boom", func() { q.Deliver(listen) })
	assert.Equal(t, []int{0, 1, 2, 3}, h.events)
	q.Push(4)
	q.Deliver(listen)
	assert.Equal(t, []int{0, 1, 2, 3, 4}, h.events, "the queue works on")
}

// One that panics every time still hears everything; who delivers gets the last panic.
func TestPanicEveryTime(t *testing.T) {
	var q notify.Queue[int]
	var h heard
	for n := range notify.Capacity {
		q.Push(n)
	}
	assert.PanicsWithValue(t, notify.Capacity-1, func() {
		q.Deliver(func(event int, missed uint64) { h.listen(event, missed); panic(event) })
	})
	assert.Len(t, h.events, notify.Capacity)
}

// The same for a listener that ends its goroutine.
func TestGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q notify.Queue[int]
		var h heard
		for n := range 4 {
			q.Push(n)
		}
		returned := false
		go func() {
			q.Deliver(func(event int, missed uint64) {
				h.listen(event, missed)
				if event == 1 {
					runtime.Goexit()
				}
			})
			returned = true
		}()
		synctest.Wait()
		assert.False(t, returned, "it was ended")
		assert.Equal(t, []int{0, 1, 2, 3}, h.events)
		q.Push(4)
		q.Deliver(h.listen)
		assert.Equal(t, []int{0, 1, 2, 3, 4}, h.events)
	})
}
