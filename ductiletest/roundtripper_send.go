package ductiletest

import (
	"io"
	"net/http"
	"runtime"
	"strings"
)

// A call is one of RoundTrip.
type call struct {
	x        *visit
	returned <-chan struct{}
	answer   reply
	err      error
}

// A reply is an answer that the story has to close.
type reply struct{ *http.Response }

// begin calls RoundTrip, and does not wait for it.
func (x *visit) begin(transport http.RoundTripper, r *http.Request) *call {
	c := &call{x: x}
	c.returned = x.spawn(func() { c.answer.Response, c.err = transport.RoundTrip(r) }) //nolint:bodyclose // by whom it is for
	return c
}

// end waits for what RoundTrip returns.
func (c *call) end() (reply, error) {
	c.x.await(c.returned, "RoundTrip has not returned")
	switch {
	case c.answer.Response != nil && c.err != nil:
		c.x.find("RoundTrip returned an answer (%s), and the error %q", c.answer.Status, c.err)
	case c.answer.Response == nil && c.err == nil:
		c.x.find("RoundTrip returned neither an answer nor an error")
	case c.answer.Response != nil && c.answer.Body == nil:
		c.x.find("the answer's Body is nil")
	}
	return c.answer, c.err
}

// send sends a request, and returns what comes.
func (s *site) send(r *http.Request) (reply, error) { return s.x.begin(s.transport, r).end() }

// get sends a request that is answered.
func (s *site) get(r *http.Request) reply {
	answer, err := s.send(r)
	if err != nil {
		s.x.find("RoundTrip returned the error %q", err)
	}
	return answer
}

// read reads a body to its end, and closes it.
func (x *visit) read(answer reply) string {
	text, err := x.readAll(answer)
	if err != nil {
		x.find("reading the body of the answer failed after %d bytes: %v", len(text), err)
	}
	x.shut(answer)
	return text
}

// readAll reads a body to its end, or until it fails.
func (x *visit) readAll(answer reply) (text string, err error) {
	var all strings.Builder
	x.await(x.spawn(func() { _, err = io.Copy(&all, answer.Body) }), "the body of the answer has not come to an end")
	return all.String(), err
}

// shut closes the body of an answer.
func (x *visit) shut(answer reply) {
	x.await(x.spawn(func() { _ = answer.Body.Close() }), "Close of the answer's body has not returned")
}

// begins reads the first bytes of an answer.
func (x *visit) begins(answer reply, text string) {
	first := make([]byte, len(text))
	var err error
	x.await(x.spawn(func() { _, err = io.ReadFull(answer.Body, first) }), "the first bytes of the answer have not come")
	if err != nil || string(first) != text {
		x.find("the answer began with %q, and then: %v", first, err)
	}
}

// do sends a request by an http.Client.
func (x *visit) do(c *http.Client, r *http.Request) (answer reply, err error) {
	x.await(x.spawn(func() { answer.Response, err = c.Do(r) }), "Do of http.Client has not returned") //nolint:bodyclose // by whom it is for
	return answer, err
}

// fails sends a request by an http.Client, and returns its error.
func (x *visit) fails(c *http.Client, r *http.Request) error {
	answer, err := x.do(c, r)
	if err == nil {
		status := answer.Status
		_ = answer.Body.Close()
		x.find("there was an answer after all: %s", status)
	}
	return err
}

// together does something n times at once.
func (x *visit) together(n int, f func(i int)) {
	ends := make([]<-chan struct{}, n)
	for i := range n {
		ends[i] = x.spawn(func() { f(i) })
	}
	for _, ended := range ends {
		<-ended
	}
	if x.found() {
		runtime.Goexit()
	}
}
