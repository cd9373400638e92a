package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
)

// An authorizer says who sends a request, and whether it may turn knobs.
type authorizer func(*http.Request) (who string, ok bool)

// handler shows the numbers that hold, and takes others from who may turn them. Without an authorizer it is read-only.
func handler(k *Knobs, authorize authorizer, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /settings", func(w http.ResponseWriter, _ *http.Request) { show(w, k) })
	mux.HandleFunc("PUT /settings", func(w http.ResponseWriter, r *http.Request) {
		if authorize == nil {
			http.Error(w, "read-only: no authorizer was set up", http.StatusForbidden)
			return
		}
		who, ok := authorize(r)
		if !ok {
			http.Error(w, "you may not turn this", http.StatusForbidden)
			return
		}
		// A page of somebody else's cannot make a browser send this type without asking first.
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
			http.Error(w, "send application/json", http.StatusUnsupportedMediaType)
			return
		}
		s, err := receive(w, r)
		if err == nil {
			err = k.Turn(s)
		}
		if err != nil {
			log.Warn("settings refused", "by", who, "error", err)
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		log.Info("settings turned", "by", who, "settings", s)
		show(w, k)
	})
	return mux
}

// receive reads the settings that a request has.
func receive(w http.ResponseWriter, r *http.Request) (Settings, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSettings))
	if err != nil {
		return Settings{}, errors.Join(errors.New("settings: the request could not be read"), err)
	}
	return parse(text)
}

// show writes the numbers that hold.
func show(w http.ResponseWriter, k *Knobs) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(k.Now()) // to somebody who has gone
}
