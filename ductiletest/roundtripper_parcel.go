package ductiletest

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// A parcel is the body of a request, with the copies that GetBody made of it.
type parcel struct {
	text string

	mu     sync.Mutex
	copies []*content
}

// content is one body.
type content struct {
	parcel *parcel
	rest   string
	closed bool
}

// copy returns a body with the whole text.
func (p *parcel) copy() (io.ReadCloser, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &content{parcel: p, rest: p.text}
	p.copies = append(p.copies, c)
	return c, nil
}

func (c *content) Read(b []byte) (int, error) {
	c.parcel.mu.Lock()
	defer c.parcel.mu.Unlock()
	switch {
	case c.closed:
		return 0, http.ErrBodyReadAfterClose
	case c.rest == "":
		return 0, io.EOF
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *content) Close() error {
	c.parcel.mu.Lock()
	defer c.parcel.mu.Unlock()
	c.closed = true
	return nil
}

// left returns how many copies nobody has closed.
func (p *parcel) left() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.copies {
		if !c.closed {
			n++
		}
	}
	return n
}

// ask returns a request without a body.
func (x *visit) ask(method, url string) *http.Request { return x.askIn(x.ctx, method, url) }

func (x *visit) askIn(ctx context.Context, method, url string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		x.find("the kit cannot make a request: %v", err)
	}
	return r
}

// give puts a parcel into a request, with its length and with GetBody.
func (p *parcel) give(r *http.Request) *http.Request {
	r.Body, _ = p.copy()
	r.GetBody = p.copy
	r.ContentLength = int64(len(p.text))
	return r
}

// put returns a request that may be repeated, with a parcel.
func (x *visit) put(url string, p *parcel) *http.Request {
	r := p.give(x.ask(http.MethodPut, url))
	r.Header.Set("Idempotency-Key", "7")
	return r
}

// closes waits until every copy of a parcel is closed.
func (x *visit) closes(p *parcel) {
	x.eventually(func() bool { return p.left() == 0 }, "a body of the request was not closed")
}
