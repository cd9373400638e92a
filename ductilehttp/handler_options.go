package ductilehttp

import (
	"net/http"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// A HandlerOption changes what [Handler] makes.
type HandlerOption func(*handlerConfig) error

type handlerConfig struct {
	classify func(status int) fault.Class
	reject   func(http.ResponseWriter, *http.Request, error)
	deadline string // the header; empty where none is honored
}

// ClassifyStatus sets the opinion of what a status that the handler has answered with means to policies, in place of [StatusClass], which it
// may call for what it has no opinion of.
func ClassifyStatus(classify func(status int) fault.Class) HandlerOption {
	return func(c *handlerConfig) error {
		if classify == nil {
			return refuse.Value("ductilehttp", "ClassifyStatus", "nil", "a function from a status to its class")
		}
		c.classify = classify
		return nil
	}
}

// OnReject sets who answers a request that was not served, in place of the 429 or 503 that [Handler] writes. err is why, as ductile.Run
// returns it: breaker.ErrOpen, timeout.ErrExceeded and so on, and for fault.RetryAfter; it is for people on this side. Nothing has been
// written to w, and where reject writes nothing either, the answer is an empty 200.
func OnReject(reject func(w http.ResponseWriter, r *http.Request, err error)) HandlerOption {
	return func(c *handlerConfig) error {
		if reject == nil {
			return refuse.Value("ductilehttp", "OnReject", "nil", "a function that answers a request")
		}
		c.reject = reject
		return nil
	}
}

// HonorDeadline makes a handler end requests when their clients no longer wait, which those say in a header of this name, in whole milliseconds: see
// [SendDeadline]. A request that has no time left is not started. What is no such number, or more than a day, says nothing. A client can only
// shorten its own requests by it.
func HonorDeadline(header string) HandlerOption {
	return func(c *handlerConfig) (err error) {
		c.deadline, err = headerName("HonorDeadline", header)
		return err
	}
}

func configureHandler(options []HandlerOption) handlerConfig {
	c := handlerConfig{classify: StatusClass, reject: shed}
	if err := refuse.Apply("ductilehttp", &c, options); err != nil {
		panic(err)
	}
	return c
}

// StatusClass returns what the status of a handler's answer means to the policies around it, unless told otherwise by [ClassifyStatus]: 500,
// 502, 503 and 504 are transient failures. Any other is a success: 404 is an answer, and 429 the caller's own doing.
func StatusClass(status int) fault.Class {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fault.ClassTransient
	default:
		return fault.ClassSuccess
	}
}
