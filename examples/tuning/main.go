// Tuning shows how the numbers of a pipeline are changed while calls go through it: by a file that somebody edits, and over HTTP by somebody
// who may. Nonsense changes nothing, and no call notices. It takes a second, and exits non-zero if that is not so.
//
//	go run ./examples/tuning
//
// docs/tuning.md says how to find good numbers, and shows this code.
package main

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "✗", err)
		os.Exit(1)
	}
}

// bearer lets those turn the knobs who know a token. It is compared in a time that says nothing of it.
func bearer(token string) authorizer {
	return func(r *http.Request) (who string, ok bool) {
		sent := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		return "operator", token != "" && subtle.ConstantTimeCompare([]byte(sent), []byte(token)) == 1
	}
}

// serve serves the handler on loopback, for nobody else has any business with it.
func serve(h http.Handler) (url string, stop func(), err error) {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // until it is closed
	}()
	return "http://" + l.Addr().String() + "/settings", func() { _ = server.Close(); <-done }, nil
}

// run tells the story.
func run(out io.Writer) error {
	dir, err := os.MkdirTemp("", "tuning")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the system does it some day
	s := &story{out: out, knobs: newKnobs(defaults()), file: filepath.Join(dir, "settings.json"), token: "let-me-in", turned: make(chan error)}

	ctx, cancel := context.WithCancel(context.Background())
	calls := s.knobs.load(ctx)
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		follow(ctx, s.file, 10*time.Millisecond, s.knobs, func(err error) { s.turned <- err })
	}()
	url, stop, err := serve(handler(s.knobs, bearer(s.token), slog.New(slog.DiscardHandler)))
	if err != nil {
		cancel()
		return err
	}
	s.url = url

	err = s.tell()
	stop()
	cancel()
	<-followed
	made, failed := calls()
	fmt.Fprintf(out, "\n%d calls went through the pipeline meanwhile, of which %d failed.\n", made, failed)
	if err == nil && (made == 0 || failed > 0) {
		err = fmt.Errorf("%d of %d calls failed", failed, made)
	}
	return err
}
