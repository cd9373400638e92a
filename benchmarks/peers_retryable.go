package benchmarks

import (
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
)

// newRetryable returns go-retryablehttp's form of newTransport: three attempts, and a client's timeout for each.
func newRetryable(base http.RoundTripper) http.RoundTripper {
	c := retryablehttp.NewClient()
	c.HTTPClient = &http.Client{Transport: base, Timeout: attemptTime}
	c.Logger = nil // or it would write two lines for each request
	c.RetryMax = attempts - 1
	c.RetryWaitMin, c.RetryWaitMax = firstWait, longest
	return &retryablehttp.RoundTripper{Client: c}
}

func retryableTransported(to func() origin) func() Caller {
	return func() Caller {
		o := to()
		return o.requests(newRetryable(o.base), nothing)
	}
}
