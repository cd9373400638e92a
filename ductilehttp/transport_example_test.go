package ductilehttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

// A client that a program has gets a pipeline, and keeps its cookies, its redirects and its transport.
func ExampleNewTransport() {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	client := server.Client() // any client

	pipeline := standard.Client("inventory")
	client.Transport = ductilehttp.NewTransport(client.Transport, pipeline)

	resp, err := client.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, "after", requests.Load(), "requests")
	// Output:
	// 200 OK after 2 requests
}

// A client for one dependency, made at startup.
func ExampleNewClient() {
	client := ductilehttp.NewClient("inventory",
		standard.Total(5*time.Second),
		standard.Attempt(time.Second),
		standard.Breaker(breaker.ConsecutiveFailures(3)),
	)
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close() // it is down
	for range 2 {  // the first call makes three attempts, which is when the breaker opens
		_, err := client.Get(server.URL)
		fmt.Println("refused by the breaker:", errors.Is(err, breaker.ErrOpen))
	}
	// Output:
	// refused by the breaker: false
	// refused by the breaker: true
}

// A crawler, a gateway, a webhook sender: hosts that are down do not keep it from the others.
func ExampleNewKeyedTransport() {
	hosts := keyed.New(func(host string) *ductile.Pipeline {
		return ductile.New("upstream", breaker.New(breaker.ConsecutiveFailures(1)), timeout.New(10*time.Second))
	})
	client := &http.Client{Transport: ductilehttp.NewKeyedTransport(nil, hosts)}

	up := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer up.Close()
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	for range 2 {
		for name, url := range map[string]string{"up": up.URL, "down": down.URL} {
			resp, err := client.Get(url)
			if err == nil {
				_ = resp.Body.Close()
			}
			if name == "up" {
				fmt.Println("up:", err)
			}
		}
	}
	_, err := client.Get(down.URL)
	fmt.Println("down, refused:", errors.Is(err, breaker.ErrOpen))
	// Output:
	// up: <nil>
	// up: <nil>
	// down, refused: true
}

// A POST is not repeated, unless its caller says that it does no harm.
func ExampleRepeatable() {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	pipeline := ductile.New("search", retry.New(retry.Constant(time.Millisecond)))
	client := &http.Client{Transport: ductilehttp.NewTransport(nil, pipeline)}

	post := func(ctx context.Context) {
		r, _ := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(`{"query": "shoes"}`))
		if resp, err := client.Do(r); err == nil {
			_ = resp.Body.Close()
		}
		fmt.Println(requests.Swap(0), "requests")
	}
	post(context.Background())
	post(ductilehttp.Repeatable(context.Background())) // a search changes nothing
	// Output:
	// 1 requests
	// 3 requests
}

// A server whose quota is 403: what an answer means can be said.
func ExampleClassify() {
	pipeline := ductile.New("maps", retry.New(retry.OverloadBase(time.Millisecond)))
	client := &http.Client{Transport: ductilehttp.NewTransport(nil, pipeline,
		ductilehttp.Classify(func(answer *http.Response, err error) fault.Class {
			if answer != nil && answer.StatusCode == http.StatusForbidden && answer.Header.Get("X-Quota") == "exceeded" {
				return fault.ClassOverload
			}
			return ductilehttp.Class(answer, err)
		}))}
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.Header().Set("X-Quota", "exceeded")
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	resp, err := client.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	// Output:
	// 200 OK
}

// A handler that takes no more than it can serve.
func ExampleHandler() {
	busy := make(chan struct{})
	begun := make(chan struct{})
	report := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-busy
		fmt.Fprint(w, "report")
	})
	server := httptest.NewServer(ductilehttp.Handler(report, ductile.New("reports", bulkhead.New(1), timeout.New(time.Minute))))
	defer server.Close()

	first := make(chan string)
	go func() {
		resp, err := http.Get(server.URL)
		if err != nil {
			first <- err.Error()
			return
		}
		defer resp.Body.Close()
		first <- resp.Status
	}()
	<-begun
	resp, err := http.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println("second:", resp.Status)
	close(busy)
	fmt.Println("first:", <-first)
	// Output:
	// second: 503 Service Unavailable
	// first: 200 OK
}

// What one request can come to at worst. Here no attempt has a timeout of its own: a server that hangs is asked once.
func ExampleTransport_Plan() {
	pipeline := ductile.New("inventory", timeout.New(2*time.Second), retry.New(), breaker.New())
	fmt.Println(ductilehttp.NewTransport(nil, pipeline).Plan())
	// Output:
	// plan of pipeline "inventory": a call at worst, if the function heeds its context
	//                  attempts    at once    latency
	//   timeout               3          1         2s  ends what takes longer
	//   retry                 3          1  unbounded  3 attempts, and waits of up to 300ms in all, 1m0.3s where the dependency asks for it
	//   breaker               1          1  unbounded  adds no time
	//   the function          1          1  unbounded  takes all the time that it is given
	// in all: 3 attempts, 1 at once, ended within 2s
	// load in the long run, if all calls fail: 1.2 attempts for each call, and 1 a second besides
	// warning attempt-without-timeout: An attempt of "retry" that hangs uses up the time of all of them. Put a timeout for each attempt inside of it, or give the base transport a ResponseHeaderTimeout.
	// note: a request that may not be repeated, such as a POST without an Idempotency-Key, is sent once: further attempts are made only where it never left.
	// note: timeouts end the reading of an answer's body, too, which goes on after the call.
}
