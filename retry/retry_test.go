package retry_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ductile-go/ductile/retry"
)

// What the tests of this package have in common.

const noDeadline = time.Duration(math.MaxInt64)

var errDown = errors.New("down")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// next asks a policy about an attempt of a call that has just begun, and whose caller has all the time in the world.
func next(p *retry.Policy, attempt int, err error) (time.Duration, error) {
	return p.Next(p.Start(), attempt, err, noDeadline)
}

// hinted is an error with a hint that is not one of fault's marks.
type hinted struct{ after time.Duration }

func (h hinted) Error() string                     { return fmt.Sprintf("come back in %v", h.after) }
func (h hinted) RetryAfter() (time.Duration, bool) { return h.after, true }
