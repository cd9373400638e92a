package ductilehttp

import (
	"io"
	"net/http"
)

// flusher is an http.Flusher that does not keep its error from http.ResponseController.
type flusher interface {
	http.Flusher
	FlushError() error
}

// flushing is an observed whose ResponseWriter is an http.Flusher.
type flushing struct{ *beneath }

// Flush implements http.Flusher.
func (f flushing) Flush() {
	f.ResponseWriter.(http.Flusher).Flush() //nolint:errcheck // capable has looked
	(*observed)(f.beneath).note(http.StatusOK)
}

// reading is an observed whose ResponseWriter is an io.ReaderFrom: so the server sends files without copying them.
type reading observed

// ReadFrom implements io.ReaderFrom.
func (r *reading) ReadFrom(from io.Reader) (int64, error) {
	n, err := r.ResponseWriter.(io.ReaderFrom).ReadFrom(from) //nolint:errcheck // capable has looked
	if n > 0 {                                                // nothing is written, not even a header, where nothing was read
		(*observed)(r).note(http.StatusOK)
	}
	return n, err
}

// capable returns o with those of four interfaces that its ResponseWriter has. Handlers ask for them by type assertions, so that no type may
// have one too many: hence one type for each combination.
func (o *observed) capable() http.ResponseWriter {
	const (
		flushes = 1 << iota
		hijacks
		reads
		pushes
	)
	has := 0
	if _, ok := o.ResponseWriter.(http.Flusher); ok {
		has |= flushes
	}
	if _, ok := o.ResponseWriter.(http.Hijacker); ok {
		has |= hijacks
	}
	if _, ok := o.ResponseWriter.(io.ReaderFrom); ok {
		has |= reads
	}
	p, ok := o.ResponseWriter.(http.Pusher)
	if ok {
		has |= pushes
	}
	f, h, r := flushing{(*beneath)(o)}, (*beneath)(o), (*reading)(o)
	type (
		hijacker = http.Hijacker
		reader   = io.ReaderFrom
		pusher   = http.Pusher
	)
	switch has {
	case flushes:
		return struct {
			*observed
			flusher
		}{o, f}
	case hijacks:
		return struct {
			*observed
			hijacker
		}{o, h}
	case flushes | hijacks:
		return struct {
			*observed
			flusher
			hijacker
		}{o, f, h}
	case reads:
		return struct {
			*observed
			reader
		}{o, r}
	case flushes | reads:
		return struct {
			*observed
			flusher
			reader
		}{o, f, r}
	case hijacks | reads:
		return struct {
			*observed
			hijacker
			reader
		}{o, h, r}
	case flushes | hijacks | reads: // HTTP/1.1
		return struct {
			*observed
			flusher
			hijacker
			reader
		}{o, f, h, r}
	case pushes:
		return struct {
			*observed
			pusher
		}{o, p}
	case flushes | pushes: // HTTP/2
		return struct {
			*observed
			flusher
			pusher
		}{o, f, p}
	case hijacks | pushes:
		return struct {
			*observed
			hijacker
			pusher
		}{o, h, p}
	case flushes | hijacks | pushes:
		return struct {
			*observed
			flusher
			hijacker
			pusher
		}{o, f, h, p}
	case reads | pushes:
		return struct {
			*observed
			reader
			pusher
		}{o, r, p}
	case flushes | reads | pushes:
		return struct {
			*observed
			flusher
			reader
			pusher
		}{o, f, r, p}
	case hijacks | reads | pushes:
		return struct {
			*observed
			hijacker
			reader
			pusher
		}{o, h, r, p}
	case flushes | hijacks | reads | pushes:
		return struct {
			*observed
			flusher
			hijacker
			reader
			pusher
		}{o, f, h, r, p}
	default:
		return o
	}
}
