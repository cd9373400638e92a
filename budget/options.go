package budget

import (
	"fmt"
	"math"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] makes.
type Option func(*config) error

// The bounds of what options take.
const (
	maxShare  = 10               // extra attempts for each first one
	maxFloor  = 1e6              // a second
	minWindow = time.Second      // below it a slice is shorter than a call
	maxWindow = 10 * time.Minute // above it "lately" means nothing
	defShare  = 0.2              // a fifth: Finagle's, Linkerd's and Envoy's
	defFloor  = 1.0              // one a second
	defWindow = 10 * time.Second // Finagle's and Linkerd's
)

// Share sets how much extra load each first attempt earns: 0.2, the default, is one repeat for five first attempts. It is kept
// in millionths, so that 0.3 is 0.3. Zero leaves the floor alone; the highest is 10.
func Share(share float64) Option {
	return func(c *config) error {
		if math.IsNaN(share) || share < 0 || share > maxShare || (share > 0 && share < refuse.Part) {
			return refuse.Value("budget", "Share", share, fmt.Sprintf("0, or from %v to %d extra attempts for each first one", refuse.Part, maxShare))
		}
		c.share = refuse.Parts(share)
		return nil
	}
}

// Floor sets how many repeats a second are granted besides the share, counted over the window: 1, the default, is 10 in a window of
// 10 s, all at once if need be, so that a service with little traffic can repeat at all. Zero is none, the highest a million. Hedges
// do not draw on it.
func Floor(perSecond float64) Option {
	return func(c *config) error {
		if math.IsNaN(perSecond) || perSecond < 0 || perSecond > maxFloor || (perSecond > 0 && perSecond < refuse.Part) {
			return refuse.Value("budget", "Floor", perSecond, fmt.Sprintf("0, or from %v to %d a second", refuse.Part, int(maxFloor)))
		}
		c.floor = refuse.Parts(perSecond)
		return nil
	}
}

// Window sets the time over which is counted: 10 s unless set, from 1 s to 10 min. It slides in tenths.
func Window(window time.Duration) Option {
	return func(c *config) error {
		if window < minWindow || window > maxWindow {
			return refuse.Value("budget", "Window", window, fmt.Sprintf("from %v to %v", minWindow, maxWindow))
		}
		c.window = window
		return nil
	}
}

// Validate returns what New would panic with, or nil: for values that come from flags or files.
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	c := config{kind: bounded, share: refuse.Parts(defShare), floor: refuse.Parts(defFloor), window: defWindow}
	err := refuse.Apply("budget", &c, options)
	return c, err
}
