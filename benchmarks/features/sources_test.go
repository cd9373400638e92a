package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sources are where the libraries are on this machine.
type sources struct {
	dirs     map[string]string // by module
	versions map[string]string // the same, of go.mod
	texts    map[string]map[string]string
}

// found asks the go command for the modules of all libraries, at the versions that it builds benchmarks with.
func found(t *testing.T) *sources {
	t.Helper()
	s := &sources{map[string]string{}, map[string]string{}, map[string]map[string]string{}}
	args := []string{"list", "-m", "-f", "{{.Path}}\t{{.Version}}\t{{.Dir}}"}
	for _, l := range libraries {
		args = append(args, l.module)
	}
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		require.Len(t, fields, 3, "%q: is it downloaded?", line)
		s.versions[fields[0]], s.dirs[fields[0]] = fields[1], fields[2]
	}
	return s
}

// says reports why a phrase is not in a file of a library.
func (s *sources) says(l *library, p phrase) error {
	text, err := os.ReadFile(filepath.Join(s.dirs[l.module], filepath.FromSlash(p.file)))
	switch {
	case err != nil:
		return err
	case p.text == "":
		return fmt.Errorf("%s %s: no phrase", l.name, p.file)
	case !bytes.Contains(text, []byte(p.text)):
		return fmt.Errorf("%s %s does not say %q", l.name, p.file, p.text)
	}
	return nil
}

// lacks reports where a word is in the source of a library, or in one of its directories, tests apart.
func (s *sources) lacks(l *library, within, word string) error {
	dir := filepath.Join(s.dirs[l.module], within)
	texts := s.texts[dir]
	if texts == nil {
		var err error
		if texts, err = read(dir); err != nil {
			return err
		}
		s.texts[dir] = texts
	}
	if len(texts) == 0 {
		return fmt.Errorf("%s: no source in %s", l.name, dir)
	}
	for _, file := range slices.Sorted(maps.Keys(texts)) {
		for i, line := range strings.Split(texts[file], "\n") {
			if strings.Contains(line, strings.ToLower(word)) {
				return fmt.Errorf("%s %s:%d says %q: %s", l.name, file, i+1, word, strings.TrimSpace(line))
			}
		}
	}
	return nil
}

// read returns the Go files below a directory in small letters, without tests and without modules of their own.
func read(dir string) (map[string]string, error) {
	texts := map[string]string{}
	return texts, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != dir {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		texts[strings.TrimPrefix(path, dir)] = strings.ToLower(string(text))
		return err
	})
}
