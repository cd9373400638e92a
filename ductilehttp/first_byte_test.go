package ductilehttp_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/retry"
)

// A server that sends its header at once, and works then: a hedge compares first bytes, where it is told to.
func TestFirstByte(t *testing.T) {
	everyProtocol(t, func(t *testing.T, protocol string) {
		var requests atomic.Int64
		b := serve(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			n := requests.Add(1)
			_ = http.NewResponseController(w).Flush()
			if n%2 == 1 {
				<-r.Context().Done() // the first one never comes to its point
				return
			}
			for _, word := range []string{"to", "ken", "s"} {
				_, _ = io.WriteString(w, word)
				_ = http.NewResponseController(w).Flush()
			}
		})
		p := ductile.NewConcurrent("test", hedge.New(hedge.After(10*time.Millisecond), hedge.Budget(budget.Unlimited())))
		resp, text := get(t, b.client(p, ductilehttp.FirstByte()), b.URL)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Equal(t, "tokens", text)
		assert.Equal(t, int64(2), requests.Load())

		resp, err := b.client(p).Get(b.URL) // untold: the header is the answer
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, int64(3), requests.Load())
	})
}

// What breaks off before the first byte is repeated; what breaks off later cannot be. An empty body has begun.
func TestBeforeTheFirstByte(t *testing.T) {
	errBroken := errors.New("connection reset by peer")
	bodies := []*breaking{
		{strings.NewReader(""), func() (int, error) { return 0, errBroken }},
		{strings.NewReader("to"), func() (int, error) { return 0, errBroken }},
		{strings.NewReader(""), func() (int, error) { return 0, io.EOF }},
	}
	i := 0
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		body := bodies[i]
		i++
		return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Header: http.Header{}, Body: body, Request: r}, nil
	})
	tr := ductilehttp.NewTransport(base, ductile.New("test", again()), ductilehttp.FirstByte())
	resp, err := tr.RoundTrip(request(t, t.Context(), "http://localhost"))
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.ErrorIs(t, err, errBroken)
	assert.Equal(t, "to", string(text))
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 2, i)

	resp, err = tr.RoundTrip(request(t, t.Context(), "http://localhost"))
	require.NoError(t, err)
	assert.Empty(t, read(t, resp))

	i = 0
	tr = ductilehttp.NewTransport(base, ductile.New("test", again(retry.Attempts(1))), ductilehttp.FirstByte())
	_, err = tr.RoundTrip(request(t, t.Context(), "http://localhost"))
	require.ErrorIs(t, err, errBroken)
}
