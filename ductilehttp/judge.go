package ductilehttp

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ductile-go/ductile/fault"
)

// A StatusError is what policies and those who watch a pipeline hear of an answer whose status is a failure. RoundTrip does not return
// it: an answer is no error.
type StatusError struct {
	Code int // the status

	class  fault.Class
	after  time.Duration
	hinted bool
}

// Error implements error.
func (e *StatusError) Error() string {
	if text := http.StatusText(e.Code); text != "" {
		return fmt.Sprintf("%d %s", e.Code, text)
	}
	return fmt.Sprintf("status %d", e.Code)
}

// Fault returns the class of the answer: see the table in the documentation of the package.
func (e *StatusError) Fault() fault.Class { return e.class }

// RetryAfter returns what the answer's header of that name asks for.
func (e *StatusError) RetryAfter() (time.Duration, bool) { return e.after, e.hinted }

// Timeout reports whether the status says so: 408 and 504 are the server's own, and no timeout of ours.
func (e *StatusError) Timeout() bool { return e.class == fault.ClassTimeout }

// judged is an error of the base transport with a class that it would not have by itself.
type judged struct {
	err   error
	class fault.Class
}

func (j *judged) Error() string      { return j.err.Error() }
func (j *judged) Unwrap() error      { return j.err }
func (j *judged) Fault() fault.Class { return j.class }

// Timeout is asked by package net/url, which does not look through what an error wraps.
func (j *judged) Timeout() bool {
	t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](j.err)
	return ok && t.Timeout()
}

// judge returns the end of an attempt as policies have to take it: nil where it succeeded.
func (t *Transport) judge(answer *http.Response, err error) error {
	class := t.classify(answer, err)
	if answer == nil {
		if class == fault.Of(err) {
			return err
		}
		return &judged{err, class}
	}
	if class == fault.ClassSuccess {
		return nil
	}
	e := &StatusError{Code: answer.StatusCode, class: class}
	if class.Failure() {
		e.after, e.hinted = retryAfter(answer.Header, time.Now())
	}
	return e
}

// Class returns what an answer or an error means unless told otherwise by [Classify]: see the tables in the documentation of the package.
func Class(answer *http.Response, err error) fault.Class {
	if answer == nil {
		if err != nil && permanent(err) {
			return fault.ClassPermanent
		}
		return fault.Of(err)
	}
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return fault.ClassOverload
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return fault.ClassTransient
	default:
		return fault.ClassSuccess
	}
}

// permanent reports whether an error of the base transport would be the same the next time: a certificate that is not trusted, a server
// that does not speak TLS, a URL that cannot be.
func permanent(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" { // an alert of TLS
		return slices.ContainsFunc([]string{
			"handshake failure", "certificate", "access denied", "protocol version", "insufficient security", "no application protocol",
			"unrecognized name",
		}, func(why string) bool { return strings.Contains(op.Err.Error(), why) })
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	for ; err != nil; err = errors.Unwrap(err) {
		for _, text := range []string{ // which net/http has no types for; at the beginning, for a server's own words may follow
			"unsupported protocol scheme", "http: no Host in request URL", "http: nil Request.URL", "http: nil Request.Header",
			"net/http: invalid method", "net/http: invalid header field",
		} {
			if strings.HasPrefix(err.Error(), text) {
				return true
			}
		}
	}
	return false
}
