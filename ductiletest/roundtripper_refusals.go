package ductiletest

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Stories of requests that never reach the base.

// closesRefused makes a transport refuse: after failures, and where too many are under way.
func closesRefused(x *visit) {
	after := x.refusesAfterFailures()
	crowded := x.refusesCrowd()
	if after+crowded == 0 {
		x.moot("refuses none of %d after failures, nor of %d at once", manyFailures, crowd)
	}
}

const (
	manyFailures = 100
	crowd        = 20
)

// reached is who has reached a base: a transport sends copies of requests, which have this header.
type reached struct {
	mu  sync.Mutex
	who map[string]bool
}

const numbered = "Kit-Number"

func (a *reached) note(r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.who[r.Header.Get(numbered)] = true
}

func (a *reached) has(i int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.who[strconv.Itoa(i)]
}

func (a *reached) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.who)
}

// numbered returns a request with a number.
func (x *visit) numbered(i int, body *parcel) *http.Request {
	r := x.put("http://ductile.example", body)
	r.Header.Set(numbered, strconv.Itoa(i))
	return r
}

// refusesAfterFailures returns how many calls are refused after others have failed, and looks after their bodies.
func (x *visit) refusesAfterFailures() (refused int) {
	there := &reached{who: map[string]bool{}}
	transport := x.around(baseFunc(func(r *http.Request) (*http.Response, error) {
		there.note(r)
		_ = r.Body.Close()
		return nil, errSpoiled
	}))
	for i := range manyFailures {
		body := &parcel{text: "payload"}
		x.did("sent a PUT after %d had failed in the base, and was refused", there.count())
		_, _ = x.begin(transport, x.numbered(i, body)).end()
		if !there.has(i) {
			refused++
			x.closes(body)
		}
	}
	return refused
}

// refusesCrowd returns how many of a crowd are refused, or wait until they are canceled, and looks after their bodies.
func (x *visit) refusesCrowd() (refused int) {
	there := &reached{who: map[string]bool{}}
	transport := x.around(baseFunc(func(r *http.Request) (*http.Response, error) {
		there.note(r)
		<-r.Context().Done()
		_ = r.Body.Close()
		return nil, r.Context().Err()
	}))
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	x.did("sent %d PUTs at once, and canceled those that the base had not seen", crowd)
	var calls [crowd]*call
	var bodies [crowd]*parcel
	for i := range crowd {
		bodies[i] = &parcel{text: "payload"}
		calls[i] = x.begin(transport, x.numbered(i, bodies[i]).WithContext(ctx))
	}
	for until := time.Now().Add(x.lull); there.count() < crowd && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	cancel()
	for i, c := range calls {
		_, _ = c.end()
		if !there.has(i) {
			refused++
			x.closes(bodies[i])
		}
	}
	return refused
}
