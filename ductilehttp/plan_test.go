package ductilehttp_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

// circle is a transport whose base is itself.
type circle struct{ http.RoundTripper }

func (c circle) Unwrap() http.RoundTripper { return c }

// codes returns the warnings of a transport, by their codes.
func codes(t *ductilehttp.Transport) (codes []string) {
	for _, w := range t.Plan().Warnings {
		codes = append(codes, w.Code)
	}
	return codes
}

func TestThePlanOfATransport(t *testing.T) {
	total, each := timeout.New(20*time.Second, timeout.Name("total")), timeout.New(time.Second)
	limited := &http.Transport{ResponseHeaderTimeout: time.Second}
	unknown := roundTripper(func(*http.Request) (*http.Response, error) { return nil, http.ErrNotSupported })
	type policies = []ductile.Policy
	for name, row := range map[string]struct {
		base http.RoundTripper
		policies
		warnings []string
	}{
		"each attempt limited":                 {nil, policies{total, retry.New(), each}, nil},
		"no attempt limited":                   {nil, policies{total, retry.New()}, []string{"attempt-without-timeout"}},
		"by nothing but the base":              {limited, policies{total, retry.New()}, nil},
		"in layers":                            {ductilehttp.NewTransport(limited, ductile.New("in")), policies{total, retry.New()}, nil},
		"a base that does not limit in layers": {ductilehttp.NewTransport(nil, ductile.New("in")), policies{total, retry.New()}, []string{"attempt-without-timeout"}},
		"a base that nobody knows":             {unknown, policies{total, retry.New()}, nil},
		"a base that is nil":                   {(*http.Transport)(nil), policies{total, retry.New()}, nil},
		"one that is its own base":             {circle{}, policies{total, retry.New()}, nil},
		"nothing repeats":                      {nil, policies{total}, nil},
		"of the core, too":                     {nil, policies{retry.New()}, []string{"no-deadline"}},
		"a fallback for another type":          {nil, policies{fallback.Value("sorry"), total}, []string{"fallback-type"}},
		"one that answers":                     {nil, policies{fallback.Value(&http.Response{StatusCode: http.StatusOK}), total}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, row.warnings, codes(ductilehttp.NewTransport(row.base, ductile.New("p", row.policies...))))
		})
	}
}

// What the warning about the fallback says is so.
func TestAFallbackOfAnotherType(t *testing.T) {
	transport := ductilehttp.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	}), ductile.New("p", fallback.Value("sorry")))
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://inventory.example/", http.NoBody)
	answer, err := transport.RoundTrip(request)
	assert.Error(t, err)
	assert.Nil(t, answer)
	if answer != nil {
		_ = answer.Body.Close()
	}
}

// Each note is there where it says something.
func TestTheNotesOfATransport(t *testing.T) {
	const (
		repeats = "a request that may not be repeated, such as a POST without an Idempotency-Key, is sent once: further attempts are made only where it never left."
		copies  = "only GET, HEAD, OPTIONS and TRACE have copies."
		body    = "timeouts end the reading of an answer's body, too, which goes on after the call."
	)
	each := timeout.New(time.Second)
	notes := func(p ductile.Composed) []string { return ductilehttp.NewTransport(nil, p).Plan().Notes }
	assert.Equal(t, []string{body}, notes(ductile.New("p", each)))
	assert.Equal(t, []string{repeats, body}, notes(ductile.New("p", retry.New(), each)))
	assert.Equal(t, []string{copies, body}, notes(ductile.NewConcurrent("p", hedge.New(), each)))
	assert.Empty(t, notes(ductile.New("p", breaker.New())), "nothing limits")
}

// The ready client has nothing to warn of, with one pipeline or with many.
func TestThePlanOfTheStandardClient(t *testing.T) {
	transport, ok := ductilehttp.NewClient("inventory").Transport.(*ductilehttp.Transport)
	assert.True(t, ok)
	ductiletest.NoWarnings(t, transport)
	made := 0
	hosts := keyed.New(func(host string) *ductile.Pipeline {
		assert.Empty(t, host)
		made++
		return standard.Client("upstream")
	})
	many := ductilehttp.NewKeyedTransport(nil, hosts)
	ductiletest.NoWarnings(t, many)
	assert.Equal(t, standard.Client("upstream").Plan().Latency, many.Plan().Latency)
	assert.Equal(t, 1, made)
}
