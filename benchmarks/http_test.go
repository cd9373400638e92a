package benchmarks

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// A closing body counts how often it is closed.
type closing struct {
	io.Reader
	times *int
}

func (c closing) Close() error { *c.times++; return nil }

// TestRequestsReadAndCloseAnswers makes three requests at a time: what is not the answer, or not all of it, is not measured.
func TestRequestsReadAndCloseAnswers(t *testing.T) {
	for _, test := range []struct {
		body string
		err  error // of the transport
		good bool
	}{
		{text, nil, true}, {text[1:], nil, false}, {text + text, nil, false}, {"", nil, false}, {text, errDown, false},
	} {
		closed := 0
		base := &script{answer: func(r *http.Request) (*http.Response, error) {
			if test.err != nil {
				return nil, test.err
			}
			return &http.Response{StatusCode: http.StatusOK, Body: closing{strings.NewReader(test.body), &closed}, Request: r}, nil
		}}
		c := origin{base, "http://localhost", new(atomic.Uint64), nil}.requests(base, nothing)
		err := c.Calls(3)
		if (err == nil) != test.good || test.err != nil && !errors.Is(err, test.err) {
			t.Errorf("%q, %v: %v", test.body, test.err, err)
		}
		if answered := test.err == nil; answered != (closed > 0) || test.good && closed != 3 {
			t.Errorf("%q, %v: closed %d times", test.body, test.err, closed)
		}
	}
}
