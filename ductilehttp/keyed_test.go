package ductilehttp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/keyed"
)

// perHost is a set of pipelines that open at the first failure.
func perHost(options ...keyed.Option) *keyed.Pipelines[string, *ductile.Pipeline] {
	return keyed.New(func(string) *ductile.Pipeline {
		return ductile.New("upstream", breaker.New(breaker.ConsecutiveFailures(1)))
	}, options...)
}

// A host that fails is refused, and the others are served.
func TestEachHostHasItsPipeline(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			if r.Host == "down.example.com" {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			_, _ = io.WriteString(w, "ok")
		})
		address, err := url.Parse(b.URL)
		require.NoError(t, err)
		resolving := roundTripper(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.Host, r.URL = r.URL.Host, address
			return b.base.RoundTrip(r)
		})
		hosts := perHost()
		c := &http.Client{Transport: ductilehttp.NewKeyedTransport(resolving, hosts)}
		resp, _ := get(t, c, "http://down.example.com")
		assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
		_, err = c.Get("http://Down.example.com/again")
		require.ErrorIs(t, err, breaker.ErrOpen)
		_, text := get(t, c, "http://up.example.com")
		assert.Equal(t, "ok", text)
		assert.Equal(t, 2, hosts.Snapshot().Pipelines)
	})
}

// Any key will do.
func TestKey(t *testing.T) {
	tenants := perHost()
	status := http.StatusServiceUnavailable
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	c := &http.Client{Transport: ductilehttp.NewKeyedTransport(base, tenants, ductilehttp.Key(func(r *http.Request) string {
		return r.Header.Get("X-Tenant")
	}))}
	ask := func(tenant string) error {
		r := request(t, t.Context(), "http://localhost")
		r.Header.Set("X-Tenant", tenant)
		resp, err := c.Do(r)
		if err == nil {
			return resp.Body.Close()
		}
		return err
	}
	require.NoError(t, ask("acme"))
	require.ErrorIs(t, ask("acme"), breaker.ErrOpen)
	require.NoError(t, ask("zenith"))
}

// Whoever asks for a hundred thousand hosts has a thousand pipelines, and the breaker that is open stays open.
func TestManyHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no open breaker comes of age
		hosts := perHost(keyed.Max(1000))
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			status := http.StatusOK
			if r.URL.Host == "down.example.com" {
				status = http.StatusBadGateway
			}
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
		})
		tr := ductilehttp.NewKeyedTransport(base, hosts)
		_, err := tr.RoundTrip(request(t, t.Context(), "http://down.example.com"))
		require.NoError(t, err)
		r := request(t, t.Context(), "http://localhost")
		for i := range 100_000 {
			r.URL.Host = fmt.Sprintf("host-%d.example.com", i)
			_, err := tr.RoundTrip(r)
			require.NoError(t, err)
		}
		assert.Equal(t, 1000, hosts.Snapshot().Pipelines)
		assert.Zero(t, hosts.Snapshot().Crowded)
		_, err = tr.RoundTrip(request(t, t.Context(), "http://down.example.com"))
		require.ErrorIs(t, err, breaker.ErrOpen)
	})
}

// Hosts are told apart as net/http does it.
func TestHost(t *testing.T) {
	for host, want := range map[string]string{
		"example.com": "example.com", "Example.COM:8080": "example.com:8080", "[::1]:80": "[::1]:80", "": "",
		strings.Repeat("a", 259): strings.Repeat("a", 259), strings.Repeat("a", 260): "",
	} {
		assert.Equal(t, want, ductilehttp.Host(&http.Request{URL: &url.URL{Host: host}}))
	}
	assert.Empty(t, ductilehttp.Host(&http.Request{}))
}

// A key that panics is the caller's panic, and the body of the request is closed.
func TestAKeyThatPanics(t *testing.T) {
	body := &recording{Reader: strings.NewReader("text")}
	r := request(t, t.Context(), "http://localhost")
	r.Body = body
	tr := ductilehttp.NewKeyedTransport(nil, perHost(), ductilehttp.Key(func(*http.Request) string { panic("no tenant") }))
	assert.PanicsWithValue(t, "no tenant", func() { _, _ = tr.RoundTrip(r) })
	assert.Equal(t, int64(1), body.closed.Load())
}

// What makes no sense is refused.
func TestKeyedRefusals(t *testing.T) {
	assert.PanicsWithError(t, "ductilehttp: NewKeyedTransport was given a nil set of pipelines: make one by keyed.New", func() {
		ductilehttp.NewKeyedTransport[*ductile.Pipeline](nil, nil)
	})
	assert.PanicsWithError(t,
		"ductilehttp: Key(…): must be left out of NewTransport, which has one pipeline for all requests: see NewKeyedTransport", func() {
			ductilehttp.NewTransport(nil, ductile.New("test"), ductilehttp.Key(ductilehttp.Host))
		})
}
