package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// Settings are the numbers that may be changed while the program runs: those that somebody on call would want to change, and no more.
type Settings struct {
	Total       Duration `json:"total"`        // for a whole call
	Attempt     Duration `json:"attempt"`      // for each attempt
	Attempts    int      `json:"attempts"`     // in all
	AtOnce      int      `json:"at_once"`      // calls in flight
	FailureRate float64  `json:"failure_rate"` // at which the breaker opens
	OpenTime    Duration `json:"open_time"`    // of the breaker
}

// defaults are what holds where a file says nothing.
func defaults() Settings {
	return Settings{
		Total: Duration(2 * time.Second), Attempt: Duration(500 * time.Millisecond), Attempts: 3, AtOnce: 64,
		FailureRate: 0.5, OpenTime: Duration(5 * time.Second),
	}
}

// Each policy's options, for New and for Update.

func (s Settings) retry() []retry.Option       { return []retry.Option{retry.Attempts(s.Attempts)} }
func (s Settings) bulkhead() []bulkhead.Option { return []bulkhead.Option{bulkhead.Limit(s.AtOnce)} }
func (s Settings) breaker() []breaker.Option {
	return []breaker.Option{breaker.FailureRate(s.FailureRate), breaker.OpenTime(time.Duration(s.OpenTime))}
}

// Validate says what is wrong with each number, and with all of them together: attempts that do not fit into the time, say.
func (s Settings) Validate() error {
	err := errors.Join(
		timeout.Validate(time.Duration(s.Total)), timeout.Validate(time.Duration(s.Attempt)), retry.Validate(s.retry()...),
		bulkhead.Validate(s.AtOnce), breaker.Validate(s.breaker()...),
	)
	if err != nil {
		return err
	}
	for _, w := range newKnobs(s).pipeline.Plan().Warnings {
		err = errors.Join(err, errors.New(w.String()))
	}
	return err
}

// maxSettings is how much is read of a file, or of a request.
const maxSettings = 64 << 10

// parse reads settings. A name that it does not know is a typing error, and not a wish.
func parse(text []byte) (Settings, error) {
	s := defaults()
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("settings: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return s, errors.New("settings: there is more than one JSON value")
	}
	return s, s.Validate()
}

// A Duration is one as people write it: "300ms".
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { //nolint:unparam // the interface's
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}
