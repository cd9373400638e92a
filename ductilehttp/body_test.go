package ductilehttp_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/timeout"
)

// A lender is a base transport that keeps the context of an attempt, to see when it ends.
type lender struct{ ctx context.Context }

func (l *lender) RoundTrip(r *http.Request) (*http.Response, error) {
	l.ctx = r.Context()
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("42 left")), Request: r}, nil
}

// The contexts of an attempt live for as long as the answer's body is read, and not until their deadlines: they end with its end for who never
// closes it, and with Close for who never reads it.
func TestTheContextEndsWithTheBody(t *testing.T) {
	for name, end := range map[string]func(*testing.T, io.ReadCloser){
		"read to its end": func(t *testing.T, body io.ReadCloser) {
			t.Helper()
			text, err := io.ReadAll(body)
			require.NoError(t, err)
			assert.Equal(t, "42 left", string(text))
		},
		"closed": func(t *testing.T, body io.ReadCloser) { t.Helper(); require.NoError(t, body.Close()) },
	} {
		t.Run(name, func(t *testing.T) {
			base := new(lender)
			transport := ductilehttp.NewTransport(base, ductile.New("test", timeout.New(2*time.Hour), timeout.New(time.Hour)))
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost", http.NoBody)
			require.NoError(t, err)
			answer, err := transport.RoundTrip(request)
			require.NoError(t, err)
			defer answer.Body.Close()

			require.NoError(t, base.ctx.Err(), "it is yet to be read")
			end(t, answer.Body)
			assert.Equal(t, context.Canceled, base.ctx.Err())
		})
	}
}
