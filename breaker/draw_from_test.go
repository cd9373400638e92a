package breaker_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/breaker"
)

// A breaker that is given a source draws everything from it: how long it stays open, and who may go while it ramps up.
func TestDrawFrom(t *testing.T) {
	story := func(t *testing.T, seed uint64) (open []time.Duration, ramp []bool) {
		synctest.Test(t, func(t *testing.T) {
			var news diary
			b := breaker.New(breaker.ConsecutiveFailures(3), breaker.Probes(1), breaker.Ramp(time.Minute))
			b.DrawFrom(rand.NewPCG(seed, 0))
			b.Listen(news.write)
			calls(t, b, 3, errDown)
			for range 5 {
				time.Sleep(2 * time.Minute)
				call(t, b, errDown)
			}
			for _, change := range news.read() {
				open = append(open, change.NextProbe)
			}
			time.Sleep(2 * time.Minute)
			call(t, b, nil)
			for range 50 {
				time.Sleep(time.Second)
				token, err := b.Acquire(always)
				ramp = append(ramp, err == nil)
				if err == nil {
					b.Release(token, nil)
				}
			}
		})
		return open, ramp
	}
	open, ramp := story(t, 1)
	again, rampAgain := story(t, 1)
	other, rampOther := story(t, 2)
	assert.Equal(t, open, again)
	assert.Equal(t, ramp, rampAgain)
	assert.NotEqual(t, open, other)
	assert.NotEqual(t, ramp, rampOther)
	assert.Contains(t, ramp, true)
	assert.Contains(t, ramp, false)
}
