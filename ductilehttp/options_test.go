package ductilehttp_test

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fault"
)

func TestOptionsAreRefused(t *testing.T) {
	for _, test := range []struct {
		option ductilehttp.Option
		want   string
	}{
		{ductilehttp.Classify(nil), "ductilehttp: Classify(nil): must be a function from an answer or an error to its class"},
		{ductilehttp.Drain(-1, time.Second), "ductilehttp: Drain(-1, 1s): must be from 0 to 16777216 bytes, within more than zero and at most 10s"},
		{ductilehttp.Drain(1, 0), "ductilehttp: Drain(1, 0s): must be from 0 to 16777216 bytes, within more than zero and at most 10s"},
		{nil, "ductilehttp: option 1 is nil: leave it out instead"},
	} {
		require.EqualError(t, ductilehttp.Validate(test.option), test.want)
		assert.PanicsWithError(t, test.want, func() { ductilehttp.NewTransport(nil, ductile.New("test"), test.option) })
	}
	assert.PanicsWithError(t, "ductilehttp: NewTransport was given a nil pipeline: make one by ductile.New", func() { ductilehttp.NewTransport(nil, nil) })
	require.NoError(t, ductilehttp.Validate(ductilehttp.Drain(0, time.Second)))
}

// Classify overrides the table: here a 404 is one that may pass, and a 503 an answer.
func TestClassify(t *testing.T) {
	var requests atomic.Int64
	b := serve(t, "HTTP/1.1", func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.URL.Path == "/busy" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	})
	c := b.client(ductile.New("test", again()), ductilehttp.Classify(func(answer *http.Response, err error) fault.Class {
		switch {
		case answer != nil && answer.StatusCode == http.StatusNotFound:
			return fault.ClassTransient
		case answer != nil:
			return fault.ClassSuccess
		default:
			return ductilehttp.Class(answer, err)
		}
	}))
	get(t, c, b.URL)
	assert.Equal(t, int64(3), requests.Load())
	get(t, c, b.URL+"/busy")
	assert.Equal(t, int64(4), requests.Load())
}

// A TLS that the two sides cannot agree upon is the same the next time; one that broke is not.
func TestAlerts(t *testing.T) {
	for text, class := range map[string]fault.Class{
		"tls: protocol version not supported": fault.ClassPermanent, "tls: certificate required": fault.ClassPermanent,
		"tls: handshake failure": fault.ClassPermanent, "tls: internal error": fault.ClassTransient, "tls: bad record MAC": fault.ClassTransient,
	} {
		err := &url.Error{Op: "Get", URL: "https://localhost", Err: &net.OpError{Op: "remote error", Err: errors.New(text)}}
		assert.Equal(t, class, ductilehttp.Class(nil, err), text)
	}
	assert.Equal(t, fault.ClassTransient, ductilehttp.Class(nil, &net.OpError{Op: "local error", Err: errors.New("tls: bad record MAC")}))
}
