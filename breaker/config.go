package breaker

import (
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
	"github.com/ductile-go/ductile/internal/rolling"
)

type config struct {
	name         string
	span         time.Duration // of the time window
	count        int32         // of the count window; zero for a time window
	probes       int32
	minCalls     uint64
	failureRate  uint64 // millionths; zero for none
	consecutive  uint64 // zero for none
	slow         time.Duration
	slowRate     uint64
	openTime     time.Duration
	growth       float64
	maxOpenTime  time.Duration
	openJitter   float64
	probeLease   time.Duration
	probeRate    uint64
	patience     time.Duration
	ramp         time.Duration
	classify     fault.Classifier
	countAs      map[fault.Class]fault.Class
	onTransition func(Transition)
	set          struct{ minCalls, growth bool } // by the user
}

// The bounds of what options take. A window's slice must be long enough for 32 bits to number the slices of a decade, and short enough
// for 32 bits to count a million calls a second.
const (
	minWindow = time.Second
	maxWindow = time.Hour
	maxCount  = 1 << 20
	maxProbes = 1 << 10
)

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	c := config{
		name: "breaker", span: 10 * time.Second, minCalls: 20, failureRate: million / 2, consecutive: 5, slowRate: million * 9 / 10,
		openTime: 5 * time.Second, growth: 2, maxOpenTime: time.Minute, openJitter: 0.1, probes: 5, probeLease: 10 * time.Second,
	}
	if err := refuse.Apply("breaker", &c, options); err != nil {
		return c, err
	}
	if c.count > 0 && c.minCalls > uint64(c.count) {
		if c.set.minCalls {
			return c, refuse.Value("breaker", "MinCalls", c.minCalls, fmt.Sprintf("at most %d, the size of the CountWindow", c.count))
		}
		c.minCalls = uint64(c.count)
	}
	if c.set.growth && c.growth > 1 && c.maxOpenTime < c.openTime {
		return c, refuse.Value("breaker", "OpenTimeGrowth", fmt.Sprintf("%v, %v", c.growth, c.maxOpenTime),
			fmt.Sprintf("given a limit that is not below the OpenTime of %v", c.openTime))
	}
	if c.failureRate == 0 && c.consecutive == 0 && c.slow == 0 {
		return c, errors.New("breaker: nothing would open it: NoFailureRate needs ConsecutiveFailures above 0, or SlowCalls")
	}
	if c.probeRate == 0 {
		if c.probeRate = c.failureRate; c.probeRate == 0 {
			c.probeRate = million / 2
		}
	}
	return c, nil
}

// window returns an empty window.
func (c *config) window() window {
	if c.count > 0 {
		return newCountWindow(int(c.count))
	}
	return &timeWindow{slice: c.span / rolling.Slices}
}

// String returns what the breaker does, for Pipeline.String.
func (c *config) String() string {
	over := fmt.Sprintf("calls in %v", c.span)
	if c.count > 0 {
		over = fmt.Sprintf("of the last %d calls", c.count)
	}
	var opens string
	if c.failureRate > 0 {
		opens = fmt.Sprintf("%v %% failures of >= %d %s", float64(c.failureRate)/(million/100), c.minCalls, over)
	}
	switch {
	case c.consecutive > 0 && c.failureRate > 0:
		opens += fmt.Sprintf(", or with fewer at %d in a row", c.consecutive)
	case c.consecutive > 0:
		opens = fmt.Sprintf("%d failures in a row", c.consecutive)
	}
	if c.slow > 0 {
		if opens != "" {
			opens += ", or "
		}
		opens += fmt.Sprintf("%v %% slower than %v", float64(c.slowRate)/(million/100), c.slow)
	}
	probes := "a probe"
	if c.probes > 1 {
		probes = fmt.Sprintf("%d probes", c.probes)
	}
	return fmt.Sprintf("opens at %s; for %v, then %s", opens, c.openTime, probes)
}
