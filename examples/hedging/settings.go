package main

import (
	"errors"
	"time"

	"github.com/ductile-go/ductile/hedge"
)

// settings are what the flags say.
type settings struct {
	calls      int
	percentile float64
	delay      time.Duration
	seed       uint64
}

// when returns which calls have a second copy.
func (s settings) when() hedge.Option {
	if s.delay != 0 {
		return hedge.After(s.delay)
	}
	return hedge.Percentile(s.percentile)
}

// validate returns what is wrong with the flags. Hedge.New would panic with it, which is for mistakes in programs.
func (s settings) validate() error {
	if s.calls < 1000 {
		return errors.New("-calls: must be at least 1000, or there is no p99.9")
	}
	return hedge.Validate(s.when())
}
