package ductilehttp

import (
	"errors"
	"net/http"
	"strings"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/keyed"
)

// NewKeyedTransport is [NewTransport] with a pipeline for each host, or for each key of the option [Key]: a host that fails has its own
// breaker, and the others are served.
//
//	transport := ductilehttp.NewKeyedTransport(nil, keyed.New(func(host string) *ductile.Pipeline {
//		return standard.Client("upstream")
//	}))
//
// The set is bounded, and may be shared with other transports: see package keyed. It panics where the set is nil.
func NewKeyedTransport[P ductile.Composed](base http.RoundTripper, pipelines *keyed.Pipelines[string, P], options ...Option) *Transport {
	if pipelines == nil {
		panic(errors.New("ductilehttp: NewKeyedTransport was given a nil set of pipelines: make one by keyed.New"))
	}
	t := transport(base, options)
	key := t.key
	if key == nil {
		key = Host
	}
	t.pick = func(r *http.Request) ductile.Composed { return pipelines.Get(key(r)) }
	t.example = func() ductile.Composed { return pipelines.Get("") }
	return t
}

// longestHost is that of a name in the DNS, with a port.
const longestHost = 253 + len(":65535")

// Host returns what tells the hosts of requests apart: the host of the URL, in lower case, with its port where it has one. What is too long to
// be the name of a host is empty, so that it takes no memory as a key.
func Host(r *http.Request) string {
	if r.URL == nil || len(r.URL.Host) > longestHost {
		return ""
	}
	return strings.ToLower(r.URL.Host)
}
