package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ductile-go/ductile"
)

// A story is what somebody on call does, and what comes of it.
type story struct {
	out    io.Writer
	knobs  *Knobs
	file   string
	url    string
	token  string
	turned chan error // what came of each change of the file
}

func (s *story) say(format string, a ...any) { fmt.Fprintf(s.out, format+"\n", a...) }

func (s *story) tell() error {
	s.say("At first:\n\n%s\n", indented(s.knobs.pipeline.String()))
	for _, step := range []struct {
		says string
		does func() error
	}{
		{"Somebody edits the file: one attempt only and fewer at once, for the dependency is ill.", func() error {
			return s.edit(`{"attempts": 1, "at_once": 16}`, "")
		}},
		{"Somebody mistypes.", func() error {
			return s.edit(`{"atempts": 5}`, `settings: json: unknown field "atempts"`)
		}},
		{"Somebody wants more attempts than there is time for.", func() error {
			return s.edit(`{"attempts": 5, "total": "1s"}`, "backoff-beyond-deadline")
		}},
		{"Somebody without the token tries it over HTTP.", func() error {
			return s.put("", `{"attempts": 9}`, http.StatusForbidden)
		}},
		{"Somebody with the token writes a rate that is none.", func() error {
			return s.put(s.token, `{"failure_rate": 50}`, http.StatusBadRequest)
		}},
		{"Somebody with the token takes all back but the limit.", func() error {
			return s.put(s.token, `{"at_once": 32}`, http.StatusOK)
		}},
	} {
		s.say("%s", step.says)
		if err := step.does(); err != nil {
			return err
		}
	}
	s.say("In the end:\n\n%s", indented(s.knobs.pipeline.String()))
	if now := s.knobs.Now(); now.Attempts != 3 || now.AtOnce != 32 {
		return fmt.Errorf("what holds is %+v", now)
	}
	return nil
}

// edit replaces the file as an editor does, so that nobody reads the half of it, and checks what comes of it.
func (s *story) edit(text, refused string) error {
	if err := os.WriteFile(s.file+".new", []byte(text), 0o600); err != nil {
		return err
	}
	if err := os.Rename(s.file+".new", s.file); err != nil {
		return err
	}
	err := <-s.turned
	if (refused == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), refused) {
		return fmt.Errorf("a file with %s: %w", text, err)
	}
	s.say("  %s\n  → %s\n", text, outcome(err))
	return nil
}

// put sends settings, and checks the status of the answer.
func (s *story) put(token, text string, status int) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPut, s.url, strings.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != status {
		return fmt.Errorf("%s was answered with %s: %s", text, answer.Status, body)
	}
	says := "turned"
	if status != http.StatusOK {
		says = strings.TrimSpace(string(body))
	}
	s.say("  PUT %s\n  → %s: %s\n", text, answer.Status, says)
	return nil
}

func outcome(err error) string {
	if err != nil {
		return "refused: " + err.Error()
	}
	return "turned"
}

func indented(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

// load makes calls through the pipeline until ctx ends, and returns how many there were then, and how many failed.
func (k *Knobs) load(ctx context.Context) (end func() (made, failed int)) {
	const callers = 8
	var mu sync.Mutex
	var made, failed int
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for ctx.Err() == nil {
				err := ductile.Run(context.Background(), k.pipeline, func(context.Context) error {
					time.Sleep(time.Millisecond)
					return nil
				})
				mu.Lock()
				made++
				if err != nil {
					failed++
				}
				mu.Unlock()
			}
		})
	}
	return func() (int, int) {
		all.Wait()
		return made, failed
	}
}
