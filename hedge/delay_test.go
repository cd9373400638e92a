package hedge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/hedge"
)

// The delay is what the share of the answers did not exceed, once there are enough.
func TestTheDelayIsObserved(t *testing.T) {
	for _, row := range []struct {
		name    string
		options []hedge.Option
		answers int // of each from 10 ms to 200 ms, in steps of 10 ms
		want    time.Duration
	}{
		{"the 95th percentile", nil, 5, 190 * time.Millisecond},
		{"the median", []hedge.Option{hedge.Percentile(0.5)}, 5, 100 * time.Millisecond},
		{"the 99th percentile", []hedge.Option{hedge.Percentile(0.99)}, 25, 200 * time.Millisecond},
		{"of few", []hedge.Option{hedge.MinSamples(20)}, 1, 190 * time.Millisecond},
		{"at least", []hedge.Option{hedge.MinDelay(time.Second)}, 5, time.Second},
		{"at most", []hedge.Option{hedge.MaxDelay(20 * time.Millisecond)}, 5, 20 * time.Millisecond},
		{"neither", []hedge.Option{hedge.MinDelay(time.Millisecond), hedge.MaxDelay(time.Second)}, 5, 190 * time.Millisecond},
	} {
		in(t, row.name, func(t *testing.T) {
			p := hedge.New(append([]hedge.Option{hedge.Extra(2)}, row.options...)...)
			knowsNothing(t, p, "new")
			for i := range 20 {
				knowsNothing(t, p, i)
				answers(p, row.answers, time.Duration(i+1)*10*time.Millisecond)
			}
			look(p)
			knows(t, p, row.want)
			first, _ := p.Delay(1)
			second, more := p.Delay(2)
			assert.True(t, more)
			assert.Equal(t, first, second, "each copy one delay after the one before it")
			third, more := p.Delay(3)
			assert.False(t, more, "three copies are enough")
			assert.Zero(t, third)
		})
	}
}

func TestTooFewToKnow(t *testing.T) {
	for _, row := range []struct {
		name    string
		options []hedge.Option
		enough  int
	}{
		{"as it comes", nil, 100},
		{"for the median", []hedge.Option{hedge.Percentile(0.5)}, 100},
		{"for the 97th percentile", []hedge.Option{hedge.Percentile(0.97)}, 167},
		{"for the 99th percentile", []hedge.Option{hedge.Percentile(0.99)}, 500},
		{"for the 99.9th percentile", []hedge.Option{hedge.Percentile(0.999)}, 5000},
		{"as set", []hedge.Option{hedge.Percentile(0.999), hedge.MinSamples(7)}, 7},
		{"as set, in whatever order", []hedge.Option{hedge.MinSamples(7), hedge.Percentile(0.999)}, 7},
	} {
		in(t, row.name, func(t *testing.T) {
			p := hedge.New(row.options...)
			answers(p, row.enough-1, time.Second)
			look(p)
			knowsNothing(t, p, "one too few")
			answers(p, 1, time.Second)
			look(p)
			knows(t, p, time.Second)
		})
	}
}

// Where the scale ends the delay ends, too; at its other end MinDelay is above it.
func TestTheEndsOfTheScale(t *testing.T) {
	in(t, "long", func(t *testing.T) {
		p := hedge.New()
		answers(p, 100, time.Hour)
		look(p)
		delay, _ := p.Delay(1)
		assert.Equal(t, time.Duration(1<<39), delay, "9 min")
	})
	in(t, "short", func(t *testing.T) {
		p, low := hedge.New(), hedge.New(hedge.MinDelay(0))
		for _, p := range []*hedge.Policy{p, low} {
			answers(p, 100, -1)
			look(p)
		}
		delay, more := p.Delay(1)
		assert.True(t, more)
		assert.Equal(t, time.Millisecond, delay, "unless set")
		delay, _ = low.Delay(1)
		assert.Equal(t, time.Duration(1<<12-1), delay, "4 µs")
	})
}

func TestAFixedDelay(t *testing.T) {
	for _, after := range []time.Duration{0, time.Microsecond, time.Hour} {
		p := hedge.New(hedge.After(after), hedge.MinDelay(time.Second), hedge.MaxDelay(time.Minute))
		for range 2 {
			delay, more := p.Delay(1)
			assert.True(t, more)
			assert.Equal(t, after, delay, "nothing else bounds it")
			_, more = p.Delay(2)
			assert.False(t, more)
			answers(p, 1000, time.Second)
		}
	}
}

// The last of Percentile and After is what holds.
func TestFixedOrObserved(t *testing.T) {
	knowsNothing(t, hedge.New(hedge.After(time.Second), hedge.Percentile(0.95)))
	_, more := hedge.New(hedge.Percentile(0.95), hedge.After(time.Second)).Delay(1)
	assert.True(t, more)
}

// With no extra copies it observes, and says what it would do.
func TestOnlyObserving(t *testing.T) {
	in(t, "it", func(t *testing.T) {
		p := hedge.New(hedge.Extra(0))
		answers(p, 100, time.Second)
		look(p)
		knowsNothing(t, p)
		assert.False(t, p.Launch(1, noDeadline))
		s := p.Snapshot()
		assert.True(t, s.Known)
		assert.GreaterOrEqual(t, s.Delay, time.Second)
		assert.Zero(t, s.Refused+s.Late+s.Launched)
	})
}
