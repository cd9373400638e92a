package migrating_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// The code of docs/migrating/go-retryablehttp.md that stands there as what a program had.

func retryableClient(sign func(*http.Request)) *http.Client {
	client := retryablehttp.NewClient()
	client.RetryMax = 3
	client.RetryWaitMin, client.RetryWaitMax = 100*time.Millisecond, 2*time.Second
	client.HTTPClient.Timeout = 5 * time.Second // each attempt
	client.Logger = slog.Default()
	client.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		if resp != nil && resp.StatusCode == http.StatusConflict {
			return true, nil
		}
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	client.PrepareRetry = func(req *http.Request) error {
		sign(req)
		return nil
	}
	return client.StandardClient()
}

// Two failures, and an answer.
func Example_retryablehttpClient() {
	server := open(409, 503, 200)
	defer server.Close()
	client := retryablehttp.NewClient()
	client.RetryMax = 3
	client.RetryWaitMin, client.RetryWaitMax = time.Millisecond, 2*time.Millisecond
	client.Logger = nil
	client.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		if resp != nil && resp.StatusCode == http.StatusConflict {
			return true, nil
		}
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	client.RequestLogHook = func(_ retryablehttp.Logger, req *http.Request, retry int) {
		fmt.Println(req.Method, "retry", retry)
	}
	client.ResponseLogHook = func(_ retryablehttp.Logger, resp *http.Response) { fmt.Println(resp.Status) }
	_, body, err := ask(ctx, client.StandardClient(), http.MethodGet, server.URL)
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

// A request with a body.
func retryablePost(client *retryablehttp.Client, url string, order []byte) (*http.Response, error) {
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, url, order)
	if err != nil {
		return nil, err
	}
	return client.Do(req)
}
