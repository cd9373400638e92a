package ductilehttp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/ratelimit"
)

// Handler returns next behind p: bulkheads, limiters and breakers shed requests before any work is done, timeouts limit it, and breakers
// judge next by the statuses that it answers with, see [StatusClass].
//
//	mux.Handle("/orders", ductilehttp.Handler(orders, ductile.New("orders", bulkhead.New(100), timeout.New(time.Second))))
//
// A request that is not served is answered with 429 where a limiter refused it, and with 503 otherwise; with a Retry-After, in whole
// seconds rounded up, where the policy that refused it knows; and with the status in words. That says nothing of what is inside; see
// [OnReject] for an answer of your own. One whose context is dead is not started; it is answered with 503, too, should anybody still read it.
//
// next runs once at most, on the goroutine of its caller. A timeout is the deadline of its request's context, which it has to heed:
// nothing is cut off. What it answers, however late, stays. Where the deadline has passed and it returns without having written
// anything, the request was not served, and the headers that next has set are taken back; so a handler whose answer is an empty 200 writes
// that header itself.
//
// A panic passes through, and counts as a failure; http.ErrAbortHandler does where the client is still there, and as canceled where it has
// left. A connection that was hijacked is left alone, and counts as a success. The ResponseWriter that next gets implements http.Flusher, http.Hijacker,
// http.Pusher and io.ReaderFrom where the server's does, and http.ResponseController does what it does without p. http.CloseNotifier, long
// deprecated, is left out.
//
// Handler panics where next or p is nil, on an option that makes no sense, and on a policy that repeats or replaces calls: an answer is
// written once, and only by next.
func Handler(next http.Handler, p *ductile.Pipeline, options ...HandlerOption) http.Handler {
	if next == nil {
		panic(errors.New("ductilehttp: Handler was given a nil handler"))
	}
	if p == nil {
		panic(errors.New("ductilehttp: Handler was given a nil pipeline: make one by ductile.New"))
	}
	for i, policy := range p.Policies() {
		if why := unfit(policy); why != "" {
			panic(fmt.Errorf("ductilehttp: Handler: pipeline %q: policy %d (%q, a %T) %s", p.Name(), i+1, policy.Name(), policy, why))
		}
	}
	return &handler{next, p, configureHandler(options)}
}

// unfit returns why a policy cannot stand around a handler, or nothing.
func unfit(policy ductile.Policy) string {
	switch policy.(type) {
	case ductile.Retrier:
		return "repeats calls, and a handler writes its answer once: put it around what the handler calls"
	case ductile.Fallback:
		return "answers by a value, and a handler writes its answer: write another by OnReject"
	default:
		return ""
	}
}

// A handler is another behind a pipeline.
//
// It does without ductile.Once, though nothing is repeated: that would hold for what next calls with its request's context, too.
type handler struct {
	next     http.Handler
	pipeline *ductile.Pipeline
	handlerConfig
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := &served{handler: h, request: r, writer: observed{ResponseWriter: w}}
	ctx, cancel := h.limit(r)
	defer cancel()
	err := ductile.Run(ctx, h.pipeline, s.serve)
	if s.aborted {
		panic(http.ErrAbortHandler)
	}
	if s.started && !s.unanswered {
		return
	}
	if s.started {
		s.takeBack()
	}
	h.reject(w, r, err)
}

// served is one request.
type served struct {
	*handler
	request    *http.Request
	writer     observed
	before     http.Header // what was set before next
	started    bool
	unanswered bool // next has returned late, without an answer
	aborted    bool // next has panicked with http.ErrAbortHandler
}

// serve lets next answer, and returns what policies make of that.
func (s *served) serve(ctx context.Context) error {
	s.started = true
	if set := s.writer.Header(); len(set) > 0 {
		s.before = set.Clone()
	}
	s.pass(ctx)
	w := &s.writer
	switch late := ctx.Err(); {
	case s.aborted && late != nil:
		return late // nobody is there to be answered
	case s.aborted:
		return fault.End(http.ErrAbortHandler, fault.ClassAborted)
	case w.hijacked:
		return nil
	case w.status == 0 && late != nil:
		s.unanswered = errors.Is(late, context.DeadlineExceeded)
		return late
	case w.status == 0:
		w.status = http.StatusOK // which net/http writes in a moment
	}
	if class := s.classify(w.status); class != fault.ClassSuccess {
		return &StatusError{Code: w.status, class: class}
	}
	return nil
}

// pass calls next with a request of the given context: the same request where that is its own. It catches http.ErrAbortHandler, by which a
// handler such as httputil.ReverseProxy says that the answer broke off, and not that the program did.
func (s *served) pass(ctx context.Context) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			s.aborted = true
		default:
			panic(p)
		}
	}()
	r := s.request
	own := reflect.ValueOf(ctx)
	if (own.Kind() == reflect.Pointer || own.Comparable()) && ctx == r.Context() { // to ask a pointer allocates
		s.next.ServeHTTP(s.writer.capable(), r)
		return
	}
	inner := r.WithContext(ctx)
	s.next.ServeHTTP(s.writer.capable(), inner)
	// The server removes the files of a form, and those around look at the pattern, by the request that they know.
	r.MultipartForm, r.Pattern = inner.MultipartForm, inner.Pattern
}

// takeBack undoes what next set for an answer that it did not give: its encoding, its cookies, how long it may be cached.
func (s *served) takeBack() {
	set := s.writer.Header()
	clear(set)
	maps.Copy(set, s.before)
}

// shed answers a request that was not served. It says 429 or 503, when to come back where that is known, and no more.
func shed(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusServiceUnavailable
	// Where the request itself is dead, what ended it may have been anything, another call's refusal for one.
	if r.Context().Err() == nil {
		if errors.Is(err, ratelimit.ErrLimited) {
			status = http.StatusTooManyRequests
		}
		if after, known := fault.RetryAfter(err); known {
			w.Header().Set("Retry-After", seconds(after))
		}
	}
	http.Error(w, http.StatusText(status), status)
}

// seconds returns a time in whole seconds, so that nobody comes too early.
func seconds(d time.Duration) string {
	whole := d / time.Second
	if d%time.Second > 0 {
		whole++
	}
	return strconv.FormatInt(int64(whole), 10)
}
