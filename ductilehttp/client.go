package ductilehttp

import (
	"net/http"

	"github.com/ductile-go/ductile/standard"
)

// NewClient returns a client for one dependency, behind a pipeline of standard.Client: it gives each request 30 s in all, three attempts where
// it may be repeated, a breaker and a bulkhead. The options are those of the pipeline. It panics on options that make no sense;
// standard.ValidateClient says the same as an error.
//
// It has no Timeout of its own, and needs none: http.Client starts a goroutine for each request that has one. To give a client that you have
// a pipeline, set its Transport:
//
//	client.Transport = ductilehttp.NewTransport(client.Transport, standard.Client("inventory"))
func NewClient(name string, options ...standard.Option) *http.Client {
	return &http.Client{Transport: NewTransport(nil, standard.Client(name, options...))}
}
