package timeout_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ductile-go/ductile/timeout"
)

var errDown = errors.New("down")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNew(t *testing.T) {
	for _, after := range []time.Duration{1, time.Second, math.MaxInt64} {
		p := timeout.New(after)
		assert.Equal(t, after, p.Timeout(t.Context()))
		assert.Equal(t, after.String(), p.String())
		assert.Equal(t, "timeout", p.Name())
	}
	assert.Equal(t, "attempt", timeout.New(time.Second, timeout.Name("attempt")).Name())
}

// From asks for each call, and passes on whatever it is told: that zero or less is no limit is the driver's to know.
func TestFrom(t *testing.T) {
	type tenant struct{}
	p := timeout.From(func(ctx context.Context) time.Duration {
		limit, _ := ctx.Value(tenant{}).(time.Duration)
		return limit
	}, timeout.Name("by tenant"))
	assert.Equal(t, "by tenant", p.Name())
	assert.Equal(t, "asks how long for each call", p.String())
	for _, limit := range []time.Duration{time.Second, 0, -time.Second} {
		assert.Equal(t, limit, p.Timeout(context.WithValue(t.Context(), tenant{}, limit)))
	}
}

// Nonsense is refused where the policy is made, with the option, the value and what is allowed.
func TestNonsense(t *testing.T) {
	for _, row := range []struct {
		after   time.Duration
		options []timeout.Option
		want    string
	}{
		{0, nil, "timeout: New(0s): must be above zero"},
		{-time.Second, nil, "timeout: New(-1s): must be above zero"},
		{time.Second, []timeout.Option{timeout.Name("")}, `timeout: Name(""): must be a name`},
		{time.Second, []timeout.Option{timeout.Classify(nil)}, "timeout: Classify(nil): must be a function from an error to its class"},
		{time.Second, []timeout.Option{nil}, "timeout: option 1 is nil: leave it out instead"},
		{0, []timeout.Option{timeout.Name("x"), nil, timeout.Name("")}, "timeout: New(0s): must be above zero\n" +
			"timeout: option 2 is nil: leave it out instead\n" + `timeout: Name(""): must be a name`},
	} {
		t.Run(row.want, func(t *testing.T) {
			require.EqualError(t, timeout.Validate(row.after, row.options...), row.want)
			assert.PanicsWithError(t, row.want, func() { timeout.New(row.after, row.options...) })
		})
	}
	assert.NoError(t, timeout.Validate(1))
	assert.NoError(t, timeout.Validate(time.Second, timeout.Name("total"), timeout.Name("attempt")))
}

func TestNonsenseOfFrom(t *testing.T) {
	assert.PanicsWithError(t, "timeout: From(nil): must be a function that returns how long a call may take", func() { timeout.From(nil) })
	assert.PanicsWithError(t, `timeout: Name(""): must be a name`, func() {
		timeout.From(func(context.Context) time.Duration { return 0 }, timeout.Name(""))
	})
}
