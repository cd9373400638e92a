package keyed

import (
	"fmt"
	"time"

	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [New] makes.
type Option func(*config) error

type config struct {
	max  int
	idle time.Duration
}

// most is how many pipelines a set may have. An idle one is looked for among all of them.
const most = 1 << 20

// Max sets how many pipelines there may be at once: 1000 unless set, from 1 to 1,048,576. The pipeline that keys share for which there is
// no room is one more. A pipeline of standard.Client takes about 3 KiB.
func Max(pipelines int) Option {
	return func(c *config) error {
		if pipelines < 1 || pipelines > most {
			return refuse.Value("keyed", "Max", pipelines, fmt.Sprintf("from 1 to %d", most))
		}
		c.max = pipelines
		return nil
	}
}

// Idle sets for how long nobody may ask for a pipeline before it leaves: 10 minutes unless set. It leaves when a pipeline is asked for, of
// whichever key, up to a quarter of that time later.
func Idle(after time.Duration) Option {
	return func(c *config) error {
		c.idle = after
		return refuse.Positive("keyed", "Idle", after)
	}
}

// Validate returns what New would panic with, or nil.
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	c := config{max: 1000, idle: 10 * time.Minute}
	err := refuse.Apply("keyed", &c, options)
	return c, err
}
