package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// An answer is what became of a request.
type answer struct {
	took   time.Duration // from when the request was due, which is what a customer waits
	status int           // zero where there was no answer
	hinted bool          // it says when to come back
	err    error         // context.DeadlineExceeded where the customer had waited for long enough
}

// order makes a request that is due now, and waits for its answer as long as a customer does.
func (s *server) order(due time.Time) (a answer) {
	defer func() { a.took = time.Since(due) }()
	ctx, cancel := context.WithDeadline(context.Background(), due.Add(patience))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/checkout", http.NoBody)
	if err != nil {
		return answer{err: err}
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	if _, err = io.Copy(io.Discard, resp.Body); err != nil {
		return answer{err: err}
	}
	return answer{status: resp.StatusCode, hinted: resp.Header.Get("Retry-After") != ""}
}

// An outcome is what a server made of a load. But for the queries it is about the requests that count.
type outcome struct {
	good, refused   latencies
	late            int
	unhinted        int     // refused, and not told when to come back
	failed          []error // anything else: there should be none
	begun, finished int64   // queries, from the first request of the load on
	most            int64   // requests in the handler at once, from the first of all on
}

func (o *outcome) add(a answer) {
	switch {
	case a.took > patience:
		o.late++ // whatever it is
	case a.status == http.StatusOK:
		o.good = append(o.good, a.took)
	case a.status == http.StatusServiceUnavailable:
		o.refused = append(o.refused, a.took)
		if !a.hinted {
			o.unhinted++
		}
	case errors.Is(a.err, context.DeadlineExceeded):
		o.late++
	default:
		o.failed = append(o.failed, errors.Join(a.err, fmt.Errorf("status %d", a.status)))
	}
}

func (o *outcome) begin(s *shop) {
	o.begun, o.finished = -s.database.begun.Load(), -s.database.finished.Load()
}

func (o *outcome) end(s *shop) {
	o.begun += s.database.begun.Load()
	o.finished += s.database.finished.Load()
	o.most = s.most.Load()
}

// all returns how many requests there were.
func (o outcome) all() int { return len(o.good) + len(o.refused) + o.late + len(o.failed) }

// share returns how many of the requests a number is.
func (o outcome) share(n int) float64 { return float64(n) / float64(max(o.all(), 1)) }

// goodput returns how many answers came in time, each second.
func (o outcome) goodput() float64 { return float64(len(o.good)) / counts.Seconds() }
