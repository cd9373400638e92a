package ductiletest

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Stories of answers without surprises.

// says serves a text.
func says(text string) serving {
	return func(w http.ResponseWriter, _ *http.Request, _ int64) { _, _ = io.WriteString(w, text) }
}

// busy answers 503 once to each path, and then as then does.
func busy(then serving) serving {
	seen := make(chan map[string]bool, 1)
	seen <- map[string]bool{}
	return func(w http.ResponseWriter, r *http.Request, n int64) {
		all := <-seen
		again := all[r.URL.Path]
		all[r.URL.Path] = true
		seen <- all
		if again {
			then(w, r, n)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "busy")
	}
}

func answersPlain(x *visit) {
	s := x.serve(says("hello"))
	x.did("sent a GET that is answered \"hello\"")
	if text := x.read(s.get(x.ask(http.MethodGet, s.URL))); text != "hello" {
		x.find("the answer is %q", text)
	}
}

func answersAnyStatus(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		status, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "because "+r.URL.Path) //nolint:gosec // a kit's
	})
	for _, status := range []int{
		200, 201, 202, 203, 206, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414,
		415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 504, 505, 507, 511, 599,
	} {
		x.did("sent a GET that is always answered %d, with a body", status)
		answer := s.get(x.ask(http.MethodGet, fmt.Sprintf("%s/%d", s.URL, status)))
		if answer.StatusCode != status {
			x.find("the status of the answer is %d", answer.StatusCode)
		}
		if text := x.read(answer); text != fmt.Sprintf("because /%d", status) {
			x.find("the body of the answer is %q", text)
		}
	}
}

func answersBusy(x *visit) {
	rest := strings.Repeat(".", 8<<10)
	s := x.serve(func(w http.ResponseWriter, _ *http.Request, n int64) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintf(w, "busy %d%s", n, rest)
	})
	x.did("sent a GET that is answered 503 each time, with a body")
	answer := s.get(x.ask(http.MethodGet, s.URL))
	if answer.StatusCode != http.StatusServiceUnavailable {
		x.find("the status of the answer is %d", answer.StatusCode)
	}
	text := x.read(answer)
	for n := range s.requests.Load() {
		if text == fmt.Sprintf("busy %d%s", n+1, rest) {
			return
		}
	}
	x.find("the body of the answer is none of those that were sent: %d bytes in place of %d", len(text), len(rest)+6)
}

func answersOnce(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		switch r.URL.Path {
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/gone":
			hangUp()
		}
	})
	for _, url := range []string{s.URL, s.URL + "/busy", s.URL + "/gone", nowhere} {
		x.did("sent a GET for %q (/busy is always answered 503, and /gone not at all)", url)
		if answer, err := s.send(x.ask(http.MethodGet, url)); err == nil {
			x.shut(answer)
		}
	}
}

func handsOn(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, n int64) {
		w.Header().Set("N", strconv.FormatInt(n, 10))
		w.Header()["X-Many"] = []string{"a", "b", "a"}
		if r.Header.Get("Accept-Encoding") == "gzip" && r.URL.Path == "/zipped" {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, "hello")
			_ = z.Close()
			return
		}
		_, _ = io.WriteString(w, "hello")
	})
	for _, path := range []string{"/", "/zipped"} {
		x.did("sent a GET for %s, and compared the answer with what the base returned", path)
		answer := s.get(x.ask(http.MethodGet, s.URL+path))
		if text := x.read(answer); text != "hello" {
			x.find("its body is %q", text)
		}
		all := s.base.given()
		i := slices.IndexFunc(all, func(given http.Response) bool { return given.Header.Get("N") == answer.Header.Get("N") })
		if i < 0 {
			x.find("the base returned none like it: %v", answer.Header)
		}
		given := all[i]
		for _, field := range []string{
			"Status", "StatusCode", "Proto", "ProtoMajor", "ProtoMinor", "Header", "ContentLength", "TransferEncoding", "Close", "Uncompressed", "TLS",
		} {
			is, was := reflect.ValueOf(*answer.Response).FieldByName(field), reflect.ValueOf(given).FieldByName(field)
			if !reflect.DeepEqual(is.Interface(), was.Interface()) {
				x.find("its %s is %v, and was %v", field, is, was)
			}
		}
	}
}

func answersBodiless(x *visit) {
	s := x.serve(func(w http.ResponseWriter, r *http.Request, _ int64) {
		switch r.URL.Path {
		case "/204":
			w.WriteHeader(http.StatusNoContent)
		case "/304":
			w.Header().Set("Etag", `"7"`)
			w.WriteHeader(http.StatusNotModified)
		case "/long":
			w.Header().Set("Content-Length", "7")
			if r.Method != http.MethodHead {
				_, _ = io.WriteString(w, "1234567")
			}
		}
	})
	for _, path := range []string{"/", "/204", "/304", "/long"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			x.did("sent a %s for %s", method, path)
			answer := s.get(x.ask(method, s.URL+path))
			if path == "/long" && answer.ContentLength != 7 {
				x.find("the answer's ContentLength is %d, and not 7", answer.ContentLength)
			}
			if text := x.read(answer); text != "" && (path != "/long" || method == http.MethodHead) {
				x.find("there is a body: %q", text)
			}
		}
	}
}
