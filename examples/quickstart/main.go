// Quickstart shows what Ductile is for: two clients ask the same server for the same stock, fifteen seconds long, while the server has a
// bad day. One client is bare, the other goes through a pipeline. It exits non-zero if the pipeline does not keep what it promises.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/timeout"
)

// Stock is what the client asks for.
type Stock struct {
	SKU   string `json:"sku"`
	Count int    `json:"count"`
}

// ErrNotFound says that there is no such article. It is an answer, not a fault.
var ErrNotFound = errors.New("no such article")

// inventory is a client of the server, without protection.
type inventory struct {
	url  string
	http *http.Client
}

// Get asks for the stock of an article, once.
func (i inventory) Get(ctx context.Context, sku string) (Stock, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, i.url+"/stock/"+sku, http.NoBody)
	if err != nil {
		return Stock{}, fault.Permanent(err)
	}
	resp, err := i.http.Do(req)
	if err != nil {
		return Stock{}, err
	}
	defer resp.Body.Close()
	failed := fmt.Errorf("inventory: %s", resp.Status)
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		var s Stock
		err := json.NewDecoder(resp.Body).Decode(&s)
		return s, err
	case code == http.StatusNotFound:
		return Stock{}, fault.Permanent(ErrNotFound) // an answer: no retry, no trip, no fallback
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // it may be a date, too
		return Stock{}, fault.Overload(failed, time.Duration(seconds)*time.Second)
	case code < http.StatusInternalServerError:
		return Stock{}, fault.Permanent(failed) // the request is at fault
	default:
		return Stock{}, failed // transient, as is every error of which nobody says otherwise
	}
}

// protect returns get behind a pipeline. It is tuned for a show of fifteen seconds: a service would leave the breaker its defaults.
func protect(get func(context.Context, string) (Stock, error), onTransition func(breaker.Transition)) func(context.Context, string) (Stock, error) {
	inStock := func(_ context.Context, _ error) (Stock, error) { return Stock{Count: 1}, nil } // let people order: we ship what we can

	p := ductile.New("inventory",
		fallback.Func(inStock), // what instead, when the inventory is at fault
		retry.New( // again, with backoff, jitter and a budget
			retry.Attempts(3),
			retry.Exponential(20*time.Millisecond, 2, 100*time.Millisecond)),
		breaker.New( // may it go at all
			breaker.Window(time.Second),
			breaker.OpenTime(500*time.Millisecond),
			breaker.OpenTimeGrowth(2, time.Second),
			breaker.OnTransition(onTransition)),
		timeout.New(200*time.Millisecond), // each attempt
	)
	fmt.Println(p)
	return ductile.Wrap(p, get)
}

func main() {
	if !live(badDay()) {
		os.Exit(1)
	}
}

// live runs both clients through a day of the server, shows what happened, and reports whether all promises were kept.
func live(day []phase) bool {
	server := serve(day)
	defer server.Close()

	var seen journal
	bare := inventory{server.URL, newClient("bare")}
	protected := inventory{server.URL, newClient("protected")}
	clients := []*client{
		{name: "bare", get: bare.Get},
		{name: "protected", get: protect(protected.Get, seen.write)},
	}
	fmt.Printf("\nBoth clients make %d calls a second, and have %v for each.\n\n", callsPerSecond, deadline)
	run(day, clients, server, &seen)
	show(os.Stdout, day, clients, server, &seen)
	return promises(day, clients[1], server)
}
