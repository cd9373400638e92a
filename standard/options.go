package standard

import (
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/internal/refuse"
	"github.com/ductile-go/ductile/retry"
)

// An Option changes what [Client] or [Server] makes.
type Option func(*config) error

type config struct {
	server         bool
	total, attempt time.Duration
	limit          int
	retry          []retry.Option
	breaker        []breaker.Option
	bulkhead       []bulkhead.Option
	fallback       ductile.Fallback
}

// Total sets how long a call, or the handling of a request, may take in all: 30 s unless set.
func Total(limit time.Duration) Option {
	return func(c *config) error {
		c.total = limit
		return refuse.Positive("standard", "Total", limit)
	}
}

// Attempt sets how long each attempt of a client's call may take: 9 s unless set, so that three of them fit into 30 s. It must be below
// Total. It holds for a call that is not repeated as well: set it above what the slowest write takes.
func Attempt(limit time.Duration) Option {
	return clients("Attempt", func(c *config) error {
		c.attempt = limit
		return refuse.Positive("standard", "Attempt", limit)
	})
}

// Retry sets options of a client's retry, such as retry.Attempts.
func Retry(options ...retry.Option) Option {
	return clients("Retry", func(c *config) error {
		c.retry = append(c.retry, options...)
		return nil
	})
}

// Breaker sets options of a client's breaker, such as breaker.FailureRate. Its name is the pipeline's unless set.
func Breaker(options ...breaker.Option) Option {
	return clients("Breaker", func(c *config) error {
		c.breaker = append(c.breaker, options...)
		return nil
	})
}

// Bulkhead sets how many calls may be in flight at once, 256 of a client and 1000 of a server unless set, and options such as
// bulkhead.Queue.
func Bulkhead(limit int, options ...bulkhead.Option) Option {
	return func(c *config) error {
		c.limit = limit
		c.bulkhead = append(c.bulkhead, options...)
		return nil
	}
}

// Fallback sets what answers, outermost, when the dependency of a client is at fault: none unless set.
func Fallback(f ductile.Fallback) Option {
	return clients("Fallback", func(c *config) error {
		if f == nil {
			return refuse.Value("standard", "Fallback", "nil", "a fallback: leave it out instead")
		}
		c.fallback = f
		return nil
	})
}

// clients is an option that only a client has.
func clients(name string, option Option) Option {
	return func(c *config) error {
		if c.server {
			return refuse.Value("standard", name, "…", "left out of a Server: it sheds load, and its callers repeat")
		}
		return option(c)
	}
}
