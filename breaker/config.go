package breaker

import (
	"errors"
	"fmt"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
	"github.com/ductile-go/ductile/internal/rolling"
)

// config is what a breaker's user has asked for. Once the breaker has it, it does not change: Update makes another. What follows from
// several options together is no field but a method, so that it follows anew.
type config struct {
	name         string
	span         time.Duration // of the time window
	count        int32         // of the count window; zero for a time window
	probes       int32
	minCalls     uint64
	failureRate  uint32 // millionths; zero for none
	slowRate     uint32
	probeRate    uint32                          // zero for that of the failures
	set          struct{ minCalls, growth bool } // by the user
	live         bool                            // a breaker's already: Update takes no other name, and no listeners
	consecutive  uint64                          // zero for none
	slow         time.Duration                   // zero for never
	openTime     time.Duration
	growth       float64
	maxOpenTime  time.Duration
	openJitter   float64
	probeLease   time.Duration
	patience     time.Duration
	ramp         time.Duration
	classify     fault.Classifier
	countAs      map[fault.Class]fault.Class
	onTransition func(Transition) // until the breaker is made
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
		name: "breaker", span: 10 * time.Second, minCalls: 20, failureRate: million / 2, consecutive: 5, slowRate: usualSlowRate,
		openTime: 5 * time.Second, growth: 2, maxOpenTime: 10 * time.Second, openJitter: 0.1, probes: 5, probeLease: 10 * time.Second,
	}
	err := c.apply(options)
	return c, err
}

// usualSlowRate is in millionths.
const usualSlowRate = million * 9 / 10

// apply applies options, and returns what is wrong with the whole.
func (c *config) apply(options []Option) error {
	if err := refuse.Apply("breaker", c, options); err != nil {
		return err
	}
	if c.set.minCalls && c.count > 0 && c.minCalls > uint64(c.count) {
		return refuse.Value("breaker", "MinCalls", c.minCalls, fmt.Sprintf("at most %d, the size of the CountWindow", c.count))
	}
	if c.set.growth && c.growth > 1 && c.maxOpenTime < c.openTime {
		return refuse.Value("breaker", "OpenTimeGrowth", fmt.Sprintf("%v, %v", c.growth, c.maxOpenTime),
			fmt.Sprintf("given a limit that is not below the OpenTime of %v", c.openTime))
	}
	if c.failureRate == 0 && c.consecutive == 0 && c.slow == 0 {
		return errors.New("breaker: nothing would open it: NoFailureRate needs ConsecutiveFailures above 0, or SlowCalls")
	}
	return nil
}

// enough returns how many calls the window must hold before a rate is believed.
func (c *config) enough() uint64 {
	if c.count > 0 {
		return min(c.minCalls, uint64(c.count))
	}
	return c.minCalls
}

// probeFailureRate returns the share of probes that must fail, in millionths.
func (c *config) probeFailureRate() uint32 {
	switch {
	case c.probeRate > 0:
		return c.probeRate
	case c.failureRate > 0:
		return c.failureRate
	default:
		return million / 2
	}
}

// window returns an empty window.
func (c *config) window() window {
	if c.count > 0 {
		return newCountWindow(int(c.count))
	}
	return &timeWindow{slice: c.span / rolling.Slices}
}

// String says in a line what a breaker does.
func (c *config) String() string {
	over := fmt.Sprintf("calls in %v", c.span)
	if c.count > 0 {
		over = fmt.Sprintf("of the last %d calls", c.count)
	}
	var opens string
	if c.failureRate > 0 {
		opens = fmt.Sprintf("%v %% failures of >= %d %s", float64(c.failureRate)/(million/100), c.enough(), over)
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
