package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheStory(t *testing.T) {
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
}

// send sends a request to the handler, and returns the status and the text of the answer.
func send(t *testing.T, h http.Handler, method, kind, text string) (status int, body string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/settings", strings.NewReader(text))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// What may not be turned is not, whoever asks.
func TestTheHandlerRefuses(t *testing.T) {
	const kind = "application/json"
	anybody := func(*http.Request) (string, bool) { return "anybody", true }
	nobody := func(*http.Request) (string, bool) { return "", false }
	for name, c := range map[string]struct {
		authorize          authorizer
		method, kind, text string
		status             int
	}{
		"without an authorizer": {nil, http.MethodPut, kind, `{}`, http.StatusForbidden},
		"who may not":           {nobody, http.MethodPut, kind, `{}`, http.StatusForbidden},
		"a form of a browser":   {anybody, http.MethodPut, "text/plain", `{}`, http.StatusUnsupportedMediaType},
		"another method":        {anybody, http.MethodPost, kind, `{}`, http.StatusMethodNotAllowed},
		"no JSON":               {anybody, http.MethodPut, kind, `attempts`, http.StatusBadRequest},
		"two values":            {anybody, http.MethodPut, kind, `{} {}`, http.StatusBadRequest},
		"what nobody knows":     {anybody, http.MethodPut, kind, `{"name": "x"}`, http.StatusBadRequest},
		"nonsense":              {anybody, http.MethodPut, kind, `{"attempts": 2, "at_once": 0}`, http.StatusBadRequest},
		"a duration of no unit": {anybody, http.MethodPut, kind, `{"total": "5"}`, http.StatusBadRequest},
		"too much":              {anybody, http.MethodPut, kind, strings.Repeat(" ", maxSettings) + `{"attempts": 2}`, http.StatusBadRequest},
		"what does not fit":     {anybody, http.MethodPut, kind, `{"attempts": 9}`, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKnobs(defaults())
			before := k.pipeline.String()
			status, body := send(t, handler(k, c.authorize, slog.New(slog.DiscardHandler)), c.method, c.kind, c.text)
			if status != c.status {
				t.Errorf("answered with %d: %s", status, body)
			}
			if k.Now() != defaults() || k.pipeline.String() != before {
				t.Errorf("something was turned: %+v", k.Now())
			}
		})
	}
}

func TestTheHandlerTurns(t *testing.T) {
	k := newKnobs(defaults())
	var log bytes.Buffer
	h := handler(k, func(*http.Request) (string, bool) { return "ann", true }, slog.New(slog.NewTextHandler(&log, nil)))
	status, body := send(t, h, http.MethodPut, "application/json; charset=utf-8", `{"attempts": 2, "open_time": "1s"}`)
	if status != http.StatusOK || k.Now().Attempts != 2 || time.Duration(k.Now().OpenTime) != time.Second {
		t.Errorf("%d: %s", status, body)
	}
	if text := k.pipeline.String(); !strings.Contains(text, "2 attempts") || !strings.Contains(text, "for 1s") {
		t.Error(text)
	}
	if !strings.Contains(log.String(), "by=ann") {
		t.Error(log.String())
	}
	for _, h := range []http.Handler{h, handler(k, nil, slog.New(slog.DiscardHandler))} { // who may not turn may look
		if status, shown := send(t, h, http.MethodGet, "", ""); status != http.StatusOK || shown != body {
			t.Errorf("%d: %s", status, shown)
		}
	}
}

// An authorizer without a token lets nobody in.
func TestBearer(t *testing.T) {
	for _, c := range []struct {
		token, header string
		ok            bool
	}{
		{"secret", "Bearer secret", true},
		{"secret", "Bearer secre", false},
		{"secret", "", false},
		{"", "Bearer ", false},
		{"", "", false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/settings", http.NoBody)
		r.Header.Set("Authorization", c.header)
		if _, ok := bearer(c.token)(r); ok != c.ok {
			t.Errorf("%q for %q: %v", c.header, c.token, ok)
		}
	}
}

// A file is heard of when it changes, and only then; one that is gone or makes no sense changes nothing.
func TestFollow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "settings.json")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		k := newKnobs(defaults())
		var told []error
		done := make(chan struct{})
		go func() {
			defer close(done)
			follow(ctx, file, time.Second, k, func(err error) { told = append(told, err) })
		}()
		expect := func(attempts, tellings int, refused bool) {
			t.Helper()
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if k.Now().Attempts != attempts || len(told) != tellings || tellings > 0 && (told[tellings-1] != nil) != refused {
				t.Fatalf("%d attempts, told %v", k.Now().Attempts, told)
			}
		}
		write := func(text string) {
			t.Helper()
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		expect(3, 0, false)
		write(`{"attempts": 2}`)
		expect(2, 1, false)
		write(`{"attempts": 0}`)
		expect(2, 2, true)
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		expect(2, 2, true)
		write(`{}`)
		expect(3, 3, false)
		expect(3, 3, false)
		cancel()
		<-done
	})
}

// broken is a body that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("reset") }

func TestARequestThatBreaksOff(t *testing.T) {
	k := newKnobs(defaults())
	h := handler(k, func(*http.Request) (string, bool) { return "ann", true }, slog.New(slog.DiscardHandler))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/settings", io.MultiReader(strings.NewReader(`{"attempts": 1`), broken{}))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || k.Now() != defaults() {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}
