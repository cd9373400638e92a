package ductilehttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/timeout"
)

// The server hears how often a request was sent before, and so does the base transport. The caller's header is left alone.
func TestResendCount(t *testing.T) {
	var counts []int
	var headers [][]string
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		counts = append(counts, ductilehttp.ResendCount(r.Context()))
		headers = append(headers, r.Header["X-Resend-Count"])
		return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	tr := ductilehttp.NewTransport(base, ductile.New("test", again()), ductilehttp.SendResendCount("x-resend-count"))
	r := request(t, t.Context(), "http://localhost")
	r.Header.Set("Accept", "text/plain")
	_, err := tr.RoundTrip(r)
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1, 2}, counts)
	assert.Equal(t, [][]string{nil, {"1"}, {"2"}}, headers)
	assert.Equal(t, http.Header{"Accept": {"text/plain"}}, r.Header)
	assert.Zero(t, ductilehttp.ResendCount(t.Context()))
}

// The server hears how long the attempt may still take, and does not begin what nobody waits for.
func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left time.Duration
		started := false
		handler := ductilehttp.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			started = true
			deadline, ok := r.Context().Deadline()
			assert.True(t, ok)
			left = time.Until(deadline)
		}), ductile.New("server", bulkhead.New(1)), ductilehttp.HonorDeadline("X-Timeout-Ms"))
		network := time.Duration(0)
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(network)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, (&http.Request{Header: r.Header, URL: r.URL, Method: r.Method}).WithContext(context.Background()))
			return w.Result(), nil
		})
		tr := ductilehttp.NewTransport(base, ductile.New("client", timeout.New(1500*time.Millisecond)), ductilehttp.SendDeadline("X-Timeout-Ms"))
		resp, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Equal(t, 1500*time.Millisecond, left)

		ctx, cancel := context.WithTimeout(t.Context(), 900*time.Microsecond)
		defer cancel()
		started = false
		resp, err = tr.RoundTrip(request(t, ctx, "http://localhost"))
		require.NoError(t, err)
		assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "less than a millisecond is nothing")
		assert.False(t, started)
	})
}

// What is no time in milliseconds says nothing.
func TestDeadlinesThatAreNone(t *testing.T) {
	for value, want := range map[string]bool{
		"1000": true, "86400000": true, "86400001": false, "-1": false, "+1": false, "1.5": false, "": false, "1e3": false, "0x10": false,
		strings.Repeat("9", 1<<20): false, "99999999999999999999": false, "5,5": false,
	} {
		limited := false
		handler := ductilehttp.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, limited = r.Context().Deadline()
		}), ductile.New("server"), ductilehttp.HonorDeadline("x-timeout-ms"))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["X-Timeout-Ms"] = []string{value}
		handler.ServeHTTP(httptest.NewRecorder(), r)
		assert.Equal(t, want, limited, "%.30s", value)

		limited = false
		r.Header["X-Timeout-Ms"] = []string{"1000", value}
		handler.ServeHTTP(httptest.NewRecorder(), r)
		assert.False(t, limited, "of several nobody knows which is meant")
	}
}

// A transport without a deadline says nothing of one, and one whose request has no header leaves that to the base transport.
func TestNothingToTell(t *testing.T) {
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		assert.Empty(t, r.Header)
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	tr := ductilehttp.NewTransport(base, ductile.New("test"), ductilehttp.SendDeadline("X-Timeout-Ms"), ductilehttp.SendResendCount("X-Resent"))
	r := request(t, context.Background(), "http://localhost")
	_, err := tr.RoundTrip(r)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r = request(t, ctx, "http://localhost")
	r.Header = nil
	_, err = tr.RoundTrip(r)
	require.NoError(t, err)
}

// Names that are none are refused.
func TestHeaderNames(t *testing.T) {
	for _, name := range []string{"", "X Timeout", "X:Y", "Zeit\u00fc", "a\r\nb"} {
		said := "must be the name of a header: letters, digits and hyphens"
		if name == "" {
			said = "must be the name of a header"
		}
		require.EqualError(t, ductilehttp.Validate(ductilehttp.SendDeadline(name)), "ductilehttp: SendDeadline("+strconv.Quote(name)+"): "+said)
		require.EqualError(t, ductilehttp.Validate(ductilehttp.SendResendCount(name)), "ductilehttp: SendResendCount("+strconv.Quote(name)+"): "+said)
		assert.PanicsWithError(t, "ductilehttp: HonorDeadline("+strconv.Quote(name)+"): "+said, func() {
			ductilehttp.Handler(http.NotFoundHandler(), ductile.New("test"), ductilehttp.HonorDeadline(name))
		})
	}
}
