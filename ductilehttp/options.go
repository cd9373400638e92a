package ductilehttp

import (
	"fmt"
	"net/http"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [NewTransport] makes.
type Option func(*config) error

type config struct {
	classify   func(*http.Response, error) fault.Class
	drainBytes int64
	drainTime  time.Duration
}

const (
	maxDrainBytes = 16 << 20
	maxDrainTime  = 10 * time.Second
)

// Classify sets the opinion of what an answer or an error means, one of which is nil, in place of [Class], which it may call for what it has
// no opinion of.
func Classify(classify func(answer *http.Response, err error) fault.Class) Option {
	return func(c *config) error {
		if classify == nil {
			return refuse.Value("ductilehttp", "Classify", "nil", "a function from an answer or an error to its class")
		}
		c.classify = classify
		return nil
	}
}

// Drain sets how much of an answer that is not returned is read, and for how long, so that its connection can be used again: 64 KiB and
// 50 ms unless set, at most 16 MiB and 10 s. More than that is cheaper to close.
func Drain(bytes int64, within time.Duration) Option {
	return func(c *config) error {
		if bytes < 0 || bytes > maxDrainBytes || within <= 0 || within > maxDrainTime {
			return refuse.Value("ductilehttp", "Drain", fmt.Sprintf("%d, %v", bytes, within),
				fmt.Sprintf("from 0 to %d bytes, within more than zero and at most %v", maxDrainBytes, maxDrainTime))
		}
		c.drainBytes, c.drainTime = bytes, within
		return nil
	}
}

// Validate returns what NewTransport would panic with, or nil.
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	c := config{classify: Class, drainBytes: 64 << 10, drainTime: 50 * time.Millisecond}
	err := refuse.Apply("ductilehttp", &c, options)
	return c, err
}
