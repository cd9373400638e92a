package breaker

import (
	"time"

	"github.com/ductile-go/ductile/fault"
)

// outcome is how a call counts: a set of bits.
type outcome uint8

const (
	success   outcome = 0
	failure   outcome = 1
	slow      outcome = 2
	uncounted outcome = 4
)

// outcome sorts a call's end.
func (c *config) outcome(token uint64, err error) outcome {
	if err == nil {
		return success
	}
	class := c.classify.Of(err)
	if as, ok := c.countAs[class]; ok {
		class = as
	}
	switch class {
	case fault.ClassSuccess, fault.ClassPermanent:
		return success
	case fault.ClassTransient, fault.ClassOverload, fault.ClassAborted:
		return failure
	case fault.ClassTimeout:
		if token&impatient != 0 && fault.DeadlinePassed(err) {
			return uncounted
		}
		return failure
	case fault.ClassSuperseded:
		if fault.Outlasted(err) {
			return slow
		}
		return uncounted
	default:
		return uncounted
	}
}

// verdict returns why a closed phase has to end, CauseNone if it has not.
func (p *phase) verdict(now time.Duration) Cause {
	if p.state != Closed {
		return CauseNone
	}
	c := p.settings
	if t := p.window.tally(now); t.calls >= c.enough() {
		if c.failureRate > 0 && reaches(t.failures, t.calls, c.failureRate) {
			return CauseFailureRate
		}
		if reaches(t.slow, t.calls, c.slowRate) {
			return CauseSlowRate
		}
		if c.failureRate > 0 {
			return CauseNone // enough calls to tell: failures in a row are chance
		}
	}
	if c.consecutive > 0 && p.row.Load() >= c.consecutive {
		return CauseConsecutive
	}
	return CauseNone
}

// reaches reports whether part of whole is at least a rate in millionths, in integers.
func reaches(part, whole uint64, rate uint32) bool {
	return whole > 0 && part*million >= uint64(rate)*whole
}

const million = 1_000_000
