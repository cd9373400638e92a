package benchmarks

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/ductile-go/ductile/breaker"
)

// A script is a RoundTripper that counts its requests, and answers as a test says.
type script struct {
	requests int
	answer   func(*http.Request) (*http.Response, error)
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.requests++
	return s.answer(r)
}

// with returns a script that answers with a status.
func with(status int) *script {
	return &script{answer: func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}}
}

// transports returns each side's transport around a base.
func transports(base http.RoundTripper) map[string]http.RoundTripper {
	ours, _ := newTransport(base)
	theirs, _ := newFailsafeTransport(base) //nolint:bodyclose // it takes policies for answers to be answers
	return map[string]http.RoundTripper{"ductile": ours, "failsafe-go": theirs, "retryablehttp": newRetryable(base)}
}

// send makes a request of which it does not matter what becomes of it.
func send(t *testing.T, by http.RoundTripper) error {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := by.RoundTrip(r)
	if answer != nil && answer.Body != nil {
		_ = answer.Body.Close() // there is nothing in it
	}
	return err
}

// TestTransportsAreTheSame makes requests that fail, and ones that hang, through the transports of all sides: in a measurement, where all
// is well, nobody would notice a policy that is missing.
func TestTransportsAreTheSame(t *testing.T) {
	for _, by := range []string{"ductile", "failsafe-go", "retryablehttp"} {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for status, want := range map[int]int{http.StatusOK: 1, http.StatusNotFound: 1, http.StatusServiceUnavailable: 3} {
					base := with(status)
					begin := time.Now()
					_ = send(t, transports(base)[by]) // an answer to some, an error to others
					if base.requests != want {
						t.Errorf("%d attempts at a server that answers %d, want %d", base.requests, status, want)
					}
					if waited := time.Since(begin) > 0; waited != (want > 1) {
						t.Errorf("status %d took %v", status, time.Since(begin))
					}
				}
				longest := time.Duration(0)
				hangs := &script{answer: func(r *http.Request) (*http.Response, error) {
					begin := time.Now()
					<-r.Context().Done()
					longest = max(longest, time.Since(begin))
					return nil, r.Context().Err()
				}}
				if err := send(t, transports(hangs)[by]); err == nil {
					t.Error("a server that hangs has answered")
				}
				if hangs.requests != 3 || longest != attemptTime {
					t.Errorf("%d attempts at a server that hangs, of up to %v", hangs.requests, longest)
				}
			})
		})
	}
}

// TestTransportsHaveBreakers makes requests of which every second attempt fails: both breakers open at the 20th, and the next one is refused.
func TestTransportsHaveBreakers(t *testing.T) {
	for by, refusal := range map[string]error{"ductile": breaker.ErrOpen, "failsafe-go": circuitbreaker.ErrOpen} {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				base := new(script)
				base.answer = func(r *http.Request) (*http.Response, error) {
					if base.requests%2 == 0 {
						return with(http.StatusBadGateway).answer(r)
					}
					return with(http.StatusOK).answer(r)
				}
				side, requests := transports(base)[by], 0
				for !errors.Is(send(t, side), refusal) {
					if requests++; requests > 100 {
						t.Fatalf("no breaker has opened in %d attempts", base.requests)
					}
				}
				if base.requests != 20 {
					t.Errorf("the breaker has opened after %d attempts, want 20", base.requests)
				}
			})
		})
	}
}

// TestHandlersAreTheSame makes requests of a handler that hangs until all are refused, and waits for the timeouts.
func TestHandlersAreTheSame(t *testing.T) {
	for _, by := range []string{"ductile", "failsafe-go"} {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reached, begin := 0, time.Now()
				var mu sync.Mutex
				hangs := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					mu.Lock()
					reached++
					mu.Unlock()
					<-r.Context().Done()
				})
				ours, _ := newHandler(hangs)
				theirs, _ := newFailsafeHandler(hangs) //nolint:bodyclose // the same
				side := map[string]http.Handler{"ductile": ours, "failsafe-go": theirs}[by]
				answers := map[time.Duration]int{}
				var all sync.WaitGroup
				for range permits() + 7 {
					all.Go(func() {
						w := httptest.NewRecorder()
						side.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
						mu.Lock()
						defer mu.Unlock()
						answers[time.Since(begin)]++
						if w.Code == http.StatusOK {
							t.Error("answered with 200")
						}
					})
				}
				all.Wait()
				if reached != permits() || answers[0] != 7 || answers[attemptTime] != permits() {
					t.Errorf("%d reached the handler, and the answers came after %v", reached, answers)
				}
			})
		})
	}
}
