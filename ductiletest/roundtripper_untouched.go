package ductiletest

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"time"
)

// The story of what the caller finds of his request afterwards.

// errSpoiled is an error of the caller's own making.
var errSpoiled = errors.New("ductiletest: the file is gone")

// leavesRequest compares a request with what it was.
func leavesRequest(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch {
		case r.URL.Path == "/gone":
			hangUp()
		case r.URL.Path == "/busy" || n%2 == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	for _, path := range []string{"/", "/busy", "/gone"} {
		for _, method := range []string{http.MethodGet, http.MethodPut} {
			x.did("sent a %s for %s (/ is answered 503 first, /busy always, and /gone not at all), and compared the request with what it was", method, path)
			body := &parcel{text: "payload"}
			r := x.ask(method, s.URL+path+"?q=1")
			if method == http.MethodPut {
				r = x.put(s.URL+path+"?q=1", body)
				r.ContentLength = -1
				r.Trailer = http.Header{"Sum": {"42"}}
			}
			r.Header["X-Many"] = []string{"a", "b"}
			r.Host = "elsewhere"
			before := *r
			target, header, trailer := *r.URL, r.Header.Clone(), r.Trailer.Clone()
			if answer, err := s.send(r); err == nil {
				x.read(answer)
			}
			for until := time.Now().Add(x.lull); body.left() > 0 && time.Now().Before(until); { // it may be closed after RoundTrip has returned
				time.Sleep(time.Millisecond)
			}
			unlike(x, r, before)
			switch {
			case *r.URL != target:
				x.find("its URL has become %v", r.URL)
			case !reflect.DeepEqual(r.Header, header):
				x.find("its Header was %v, and has become %v", header, r.Header)
			case !reflect.DeepEqual(r.Trailer, trailer):
				x.find("its Trailer was %v, and has become %v", trailer, r.Trailer)
			}
		}
	}
}

// unlike finds fields of a request that are not what they were.
func unlike(x *visit, r *http.Request, before http.Request) {
	was, is := reflect.ValueOf(before), reflect.ValueOf(*r)
	for i := range was.NumField() {
		field := was.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		a, b := was.Field(i), is.Field(i)
		var same bool
		switch a.Kind() {
		case reflect.Func, reflect.Map, reflect.Pointer, reflect.Chan:
			same = a.Pointer() == b.Pointer()
		default:
			same = reflect.DeepEqual(a.Interface(), b.Interface())
		}
		if !same {
			x.find("its field %s is another", field.Name)
		}
	}
	if r.Context() != before.Context() {
		x.find("its context is another")
	}
}
