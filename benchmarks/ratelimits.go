package benchmarks

import (
	"errors"
	"math"

	"golang.org/x/time/rate"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ratelimit"
)

// A bucket that begins with a token for each call that is ever measured, and earns none to speak of: its tokens tell how many calls
// there were.
const (
	earned rate.Limit = 1e-6 // a second
	tokens            = 1 << 30
)

var errLimited = errors.New("a limiter ran out of tokens")

// limited makes calls through a pipeline of a rate limit.
func limited() Caller {
	l := ratelimit.New(earned, tokens)
	return Caller{
		Calls: calls(ductile.New("stock", l)),
		Check: func(n int) error {
			return errors.Join(taken(n, l.Snapshot().Tokens), want("refusals", 0, l.Snapshot().Refused))
		},
	}
}

// allowed asks the limiter of x/time/rate before each call.
func allowed() Caller {
	l := rate.NewLimiter(earned, tokens)
	return Caller{
		Calls: func(n int) error {
			sum := 0
			for i := range n {
				if !l.Allow() {
					return errLimited
				}
				stock := Stock{SKU: "4711", Left: i}
				sum += stock.Left
			}
			return wantSum(n, sum)
		},
		Check: func(n int) error { return taken(n, l.Tokens()) },
	}
}

// taken fails where n tokens are not missing.
func taken(n int, left float64) error { return want("tokens", n, uint64(math.Round(tokens-left))) }
