package migrating_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/budget"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// The code of docs/migrating/go-retryablehttp.md that stands there as what a program has afterwards.

// conflictsToo is what the program thinks of answers.
func conflictsToo(answer *http.Response, err error) fault.Class {
	if answer != nil && answer.StatusCode == http.StatusConflict {
		return fault.ClassTransient
	}
	return ductilehttp.Class(answer, err)
}

func likeRetryableClient(sign func(*http.Request)) *http.Client {
	p := ductile.New("orders",
		retry.New(
			retry.Attempts(4), // RetryMax = 3
			retry.Exponential(100*time.Millisecond, 2, 2*time.Second), // RetryWaitMin, RetryWaitMax
			retry.OnRetry(func(e retry.Event) {
				slog.Debug("retrying request", "attempt", e.Attempt, "wait", e.Wait, "error", e.Err)
			}),
		),
		timeout.New(5*time.Second), // each attempt
	)
	base := attempts{http.DefaultTransport, sign}
	return &http.Client{Transport: ductilehttp.NewTransport(base, p, ductilehttp.Classify(conflictsToo))}
}

// attempts sees each attempt, below the retries: the place of RequestLogHook, ResponseLogHook and PrepareRetry.
type attempts struct {
	base http.RoundTripper
	sign func(*http.Request)
}

func (t attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	if n := ductilehttp.ResendCount(req.Context()); n > 0 {
		req = req.Clone(req.Context()) // attempts share a header
		t.sign(req)                    // PrepareRetry
	}
	return t.base.RoundTrip(req)
}

// hooks prints as the hooks before did.
type hooks struct{ base http.RoundTripper }

func (t hooks) RoundTrip(req *http.Request) (*http.Response, error) {
	fmt.Println(req.Method, "retry", ductilehttp.ResendCount(req.Context())) // RequestLogHook
	resp, err := t.base.RoundTrip(req)
	if err == nil {
		fmt.Println(resp.Status) // ResponseLogHook
	}
	return resp, err
}

// The same as Example_retryablehttpClient.
func Example_retryablehttpReplaced() {
	server := open(409, 503, 200)
	defer server.Close()
	p := ductile.New("orders", retry.New(
		retry.Attempts(4),
		retry.Exponential(time.Millisecond, 2, 2*time.Millisecond),
		retry.OverloadBase(0),
	))
	client := &http.Client{Transport: ductilehttp.NewTransport(hooks{http.DefaultTransport}, p, ductilehttp.Classify(conflictsToo))}
	_, body, err := ask(ctx, client, http.MethodGet, server.URL)
	fmt.Println(body, err)
	// Output:
	// GET retry 0
	// 409 Conflict
	// GET retry 1
	// 503 Service Unavailable
	// GET retry 2
	// 200 OK
	// answer 3 <nil>
}

// A POST is repeated where somebody says that it may be.
func Example_retryablehttpPost() {
	server := open(503, 201)
	defer server.Close()
	client := &http.Client{Transport: ductilehttp.NewTransport(nil, ductile.New("orders",
		retry.New(retry.Constant(short), retry.OverloadBase(0))))}
	order := []byte("one roll of ductile tape")

	for _, ctx := range []context.Context{ctx, ductilehttp.Repeatable(ctx)} {
		server.requests = nil
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, bytes.NewReader(order))
		if err != nil {
			fmt.Println(err)
			return
		}
		resp, err := client.Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = resp.Body.Close()
		fmt.Println(resp.StatusCode, len(server.requests), "requests")
	}
	// Output:
	// 503 1 requests
	// 201 2 requests
}

// orFail makes an error of an answer that is a failure, for who relied on one.
func orFail(resp *http.Response, err error) (*http.Response, error) {
	if err == nil && ductilehttp.Class(resp, nil).Failure() {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("giving up: %s", resp.Status)
	}
	return resp, err
}

// likeRetryableDefaults repeats as retryablehttp.NewClient() does.
func likeRetryableDefaults() *retry.Policy {
	return retry.New(
		retry.Attempts(5),
		retry.Exponential(time.Second, 2, 30*time.Second), retry.NoJitter(),
		retry.OverloadBase(0),
		retry.Budget(budget.Unlimited()),
	)
}

// likeLinearJitterBackoff is retryablehttp.LinearJitterBackoff between two times.
func likeLinearJitterBackoff(least, most time.Duration) retry.Option {
	return retry.Schedule(func(n int) time.Duration {
		return time.Duration(n) * (least + rand.N(most-least))
	})
}

// likeDefaultRetryPolicy repeats the answers that retryablehttp.DefaultRetryPolicy does.
func likeDefaultRetryPolicy(answer *http.Response, err error) fault.Class {
	class := ductilehttp.Class(answer, err)
	switch {
	case answer == nil:
		return class
	case answer.StatusCode == http.StatusRequestTimeout:
		return fault.ClassSuccess
	case answer.StatusCode > 504, answer.StatusCode == 0:
		return fault.ClassTransient
	}
	return class
}
