package migrating_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
)

// What docs/migrating/go-retryablehttp.md says of go-retryablehttp, and of what takes its place.

// quiet is a client without its log, over a transport.
func quiet(base http.RoundTripper) *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.Logger = nil
	if base != nil {
		client.HTTPClient = &http.Client{Transport: base}
	}
	return client
}

// A wire answers with a status, without a network.
type wire struct {
	status int
	at     []time.Time
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.at = append(w.at, time.Now())
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Body: io.NopCloser(strings.NewReader("sorry")), Request: req,
		Header: http.Header{},
	}, nil
}

// waits are the times between what was sent.
func (w *wire) waits() (waits []time.Duration) {
	for i := 1; i < len(w.at); i++ {
		waits = append(waits, w.at[i].Sub(w.at[i-1]))
	}
	return waits
}

// get asks through a transport, and returns the status of the answer.
func get(ctx context.Context, transport http.RoundTripper) (status int, err error) {
	status, _, err = ask(ctx, &http.Client{Transport: transport}, http.MethodGet, "http://inventory.example/")
	return status, err
}

func TestRetryablehttpDefaultsWaitAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs, ours := &wire{status: 500}, &wire{status: 500}
		_, err := get(t.Context(), quiet(theirs).StandardClient().Transport)
		require.ErrorContains(t, err, "giving up after 5 attempt(s)")
		status, err := get(t.Context(), ductilehttp.NewTransport(ours, ductile.New("p", likeRetryableDefaults())))
		require.NoError(t, err)
		assert.Equal(t, 500, status)
		assert.Equal(t, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}, theirs.waits())
		assert.Equal(t, theirs.waits(), ours.waits())
	})
}

func TestRetryablehttpStatuses(t *testing.T) {
	var differ []int
	for status := 200; status < 1000; status++ {
		answer := &http.Response{StatusCode: status}
		theirs, err := retryablehttp.DefaultRetryPolicy(t.Context(), answer, nil)
		require.NoError(t, err)
		assert.Equal(t, theirs, likeDefaultRetryPolicy(answer, nil).Failure(), "%d", status)
		if theirs != ductilehttp.Class(answer, nil).Failure() {
			differ = append(differ, status)
		}
	}
	assert.Equal(t, 408, differ[0])
	assert.Equal(t, 505, differ[1])
	assert.Len(t, differ, 1+1000-505)
	assert.Equal(t, fault.ClassTransient, likeDefaultRetryPolicy(nil, errDown))
}

// A server may ask for any wait, and gets it.
func TestRetryablehttpObeysAnyRetryAfter(t *testing.T) {
	answer := &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"86400"}}}
	assert.Equal(t, 24*time.Hour, retryablehttp.DefaultBackoff(time.Second, 30*time.Second, 0, answer))
}

// The caller's deadline ends a wait there that could not but be in vain, and what the server said is lost.
func TestRetryablehttpWaitsInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hurried, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := get(hurried, quiet(&wire{status: 500}).StandardClient().Transport)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 2500*time.Millisecond, time.Since(began))

		began = time.Now()
		_, err = get(hurried, ductilehttp.NewTransport(&wire{status: 500}, ductile.New("p", likeRetryableDefaults())))
		require.Error(t, err, "nothing is sent for a caller who has gone")

		hurried, cancel = context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		status, err := get(hurried, ductilehttp.NewTransport(&wire{status: 500}, ductile.New("p", likeRetryableDefaults())))
		require.NoError(t, err)
		assert.Equal(t, 500, status)
		assert.Equal(t, time.Second, time.Since(began))
	})
}

// A POST is repeated there.
func TestRetryablehttpRepeatsPosts(t *testing.T) {
	server := open(503, 201)
	defer server.Close()
	client := quiet(nil)
	client.RetryWaitMin = short
	resp, err := retryablePost(client, server.URL, []byte("order"))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, []string{"POST", "POST"}, server.requests)
}

// A redirect is followed inside of an attempt there, and is a request by itself here.
func TestRetryablehttpFollowsRedirectsInside(t *testing.T) {
	visit := func(client func() *http.Client) (paths []string) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			paths = append(paths, r.URL.Path)
			switch {
			case r.URL.Path == "/from":
				http.Redirect(w, r, "/to", http.StatusFound)
			case len(paths) == 2:
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		defer server.Close()
		_, _, err := ask(t.Context(), client(), http.MethodGet, server.URL+"/from")
		require.NoError(t, err)
		return paths
	}
	assert.Equal(t, []string{"/from", "/to", "/from", "/to"}, visit(func() *http.Client {
		client := quiet(nil)
		client.RetryWaitMin = short
		return client.StandardClient()
	}))
	assert.Equal(t, []string{"/from", "/to", "/to"}, visit(func() *http.Client {
		return &http.Client{Transport: ductilehttp.NewTransport(nil, ductile.New("p", retry.New(retry.Constant(short), retry.OverloadBase(0))))}
	}))
}

// The two clients of the page send the same, and sign each repeat.
func TestRetryablehttpClientsSendTheSame(t *testing.T) {
	sign := func(req *http.Request) { req.Header.Set("X-Signed", "+signed") }
	for _, client := range []*http.Client{retryableClient(sign), likeRetryableClient(sign)} {
		server := open(409, 409, 200)
		_, _, err := ask(t.Context(), client, http.MethodGet, server.URL)
		require.NoError(t, err)
		assert.Equal(t, []string{"GET", "GET+signed", "GET+signed"}, server.requests)
		server.Close()
	}
}

func TestOrFail(t *testing.T) {
	for status, fails := range map[int]bool{200: false, 404: false, 503: true} {
		answer, err := (&wire{status: status}).RoundTrip(new(http.Request))
		require.NoError(t, answer.Body.Close())
		resp, err := orFail(answer, err) //nolint:bodyclose // it is, above
		assert.Equal(t, fails, err != nil)
		assert.Equal(t, !fails, resp != nil)
	}
}

// The schedule is between what LinearJitterBackoff is between.
func TestLikeLinearJitterBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := &wire{status: 500}
		p := ductile.New("p", retry.New(retry.Attempts(4), likeLinearJitterBackoff(time.Second, 2*time.Second)))
		_, err := get(t.Context(), ductilehttp.NewTransport(sent, p))
		require.NoError(t, err)
		for i, wait := range sent.waits() {
			n := float64(i + 1)
			assert.True(t, wait.Seconds() >= n && wait.Seconds() < 2*n, "%v", wait)
			theirs := retryablehttp.LinearJitterBackoff(time.Second, 2*time.Second, i, nil).Seconds()
			assert.True(t, theirs >= n && theirs <= 2*n, "%v", theirs)
		}
		assert.Len(t, sent.waits(), 3)
	})
}
