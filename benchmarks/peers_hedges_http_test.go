package benchmarks

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ductile-go/ductile/hedge"
)

// A slow base answers every request at once but one, which hangs.
type slow struct{ made, hangs atomic.Int32 }

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.made.Add(1) == s.hangs.Load() {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// TestHedgingTransportsAreTheSame makes requests that no hedge is needed for, and then one whose first copy hangs.
func TestHedgingTransportsAreTheSame(t *testing.T) {
	for by, side := range map[string]func(http.RoundTripper) http.RoundTripper{
		"ductile":     func(base http.RoundTripper) http.RoundTripper { t, _ := newHedgingTransport(base); return t },
		"observed":    func(base http.RoundTripper) http.RoundTripper { t, _ := newObservingTransport(base); return t },
		"failsafe-go": func(base http.RoundTripper) http.RoundTripper { t, _ := newFailsafeHedgingTransport(base); return t },
	} {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				base := new(slow)
				begin := base.rescued(t, side(base))
				if took := time.Since(begin); took != hedgeAfter {
					t.Errorf("the copy answers after %v", took)
				}
			})
		})
	}
	// The goroutines of these serve all transports, or never end: there is no bubble for them, and the copy comes after a moment.
	const moment = 20 * time.Millisecond
	for by, side := range map[string]func(http.RoundTripper) http.RoundTripper{
		"hedgedhttp":  func(base http.RoundTripper) http.RoundTripper { return newHedgedHTTP(base, moment) },
		"bhope/hedge": func(base http.RoundTripper) http.RoundTripper { t, _ := newBhopeTransport(base, moment); return t },
	} {
		t.Run(by, func(t *testing.T) {
			base := new(slow)
			base.rescued(t, side(base))
		})
	}
}

// rescued makes five requests that are answered at once, and one whose first copy hangs, and returns when that began.
func (s *slow) rescued(t *testing.T, by http.RoundTripper) time.Time {
	t.Helper()
	for range 5 { // earns a copy, where it must be earned
		if err := send(t, by); err != nil {
			t.Error(err)
		}
	}
	s.hangs.Store(s.made.Load() + 1)
	begin := time.Now()
	if err := send(t, by); err != nil {
		t.Error(err)
	}
	if s.made.Load() < 7 {
		t.Error("no copy was made")
	}
	return begin
}

// TestObservedHedgesObserve looks whether those beside a peer that works out a percentile do so, too, and know the delay before the first call.
func TestObservedHedgesObserve(t *testing.T) {
	_, transport := newObservingTransport(new(slow))
	_, interceptor := newHedging()
	for by, h := range map[string]*hedge.Policy{"transport": transport, "interceptor": interceptor} {
		if !strings.Contains(h.String(), "after the p90 of the last 30s") {
			t.Errorf("%s: %s", by, h)
		}
		if wait, known := h.Delay(1); !known || wait != hedgeAfter {
			t.Errorf("%s: a copy after %v, %v", by, wait, known)
		}
	}
}
