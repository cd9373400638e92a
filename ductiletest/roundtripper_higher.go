package ductiletest

import (
	"net/http"
)

// Stories of what is the client's, and not the transport's.

func leavesHigher(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" {
			x.note("the next request had a cookie, or said who it is", "")
		}
		switch r.URL.Path {
		case "/from":
			http.SetCookie(w, &http.Cookie{Name: "crumb", Value: "1"}) //nolint:gosec // a kit's
			http.Redirect(w, r, "/to", http.StatusFound)
		case "/401":
			w.Header().Set("Www-Authenticate", `Basic realm="kit"`)
			w.WriteHeader(http.StatusUnauthorized)
		case "/to":
			x.note("it followed the redirect", "")
		}
	})
	for path, status := range map[string]int{"/from": http.StatusFound, "/401": http.StatusUnauthorized} {
		x.did("sent a GET that is answered %d", status)
		answer := s.get(x.ask(http.MethodGet, s.URL+path))
		if answer.StatusCode != status {
			x.find("the answer's status is %d", answer.StatusCode)
		}
		x.read(answer)
	}
}

func namesRequest(x *visit) {
	s := x.serve(busy(says("hello")))
	x.did("sent a GET, and looked for the answer's Request")
	r := x.ask(http.MethodGet, s.URL+"/a?b=c")
	answer := s.get(r)
	x.read(answer)
	switch {
	case answer.Request == nil:
		x.find("it is nil")
	case answer.Request.Method != r.Method || answer.Request.URL == nil || answer.Request.URL.String() != r.URL.String():
		x.find("it is a %s for %v", answer.Request.Method, answer.Request.URL)
	}
}
