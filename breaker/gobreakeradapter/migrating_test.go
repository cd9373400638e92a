package gobreakeradapter_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/breaker/gobreakeradapter"
	"github.com/ductile-go/ductile/fault"
)

const (
	page    = "../../docs/migrating/gobreaker.md"
	program = "migrating_example_test.go"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// words are a text without its layout.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// parts returns a page's prose, and its blocks of code, each with its language before it.
func parts(text string) (prose string, blocks []string) {
	var b strings.Builder
	for i, part := range strings.Split(text, "```") {
		if i%2 == 0 {
			b.WriteString(part)
		} else {
			blocks = append(blocks, part)
		}
	}
	return b.String(), blocks
}

// The code on the page is in the program, and what it prints is what an example's Output is.
func TestThePageIsTheProgram(t *testing.T) {
	text := read(t, page)
	code := read(t, program)
	printed := words(strings.ReplaceAll(code, "//", ""))
	_, blocks := parts(text)
	seen := map[string]int{}
	for _, block := range blocks {
		language, block, _ := strings.Cut(block, "\n")
		seen[language]++
		switch language {
		case "go":
			if !strings.Contains(words(code), words(block)) {
				t.Errorf("not in %s:\n%s", program, block)
			}
		case "text":
			if !strings.Contains(printed, "Output: "+words(block)+" }") {
				t.Errorf("no example prints:\n%s", block)
			}
		case "sh":
		default:
			t.Errorf("a block of %q", language)
		}
	}
	assert.GreaterOrEqual(t, seen["go"], 12)
	assert.GreaterOrEqual(t, seen["text"], 3)
}

// What the page names is there, and is exported.
func TestThePageNamesWhatThereIs(t *testing.T) {
	text := read(t, page)
	for name, dir := range map[string]string{"ductile": "../..", "breaker": "..", "gobreakeradapter": ".", "fault": "../../fault"} {
		has := exported(t, dir)
		for _, mention := range regexp.MustCompile(`\b`+name+`\.([A-Z]\w*)`).FindAllStringSubmatch(text, -1) {
			assert.Contains(t, has, mention[1], "%s has no such thing", name)
		}
	}
	text, _ = parts(text) // code is full of brackets
	for _, link := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(text, -1) {
		_, err := os.Stat(filepath.Join(filepath.Dir(page), link[1]))
		assert.NoError(t, err)
	}
	headings := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		headings[strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-")] = true
	}
	for _, link := range regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(text, -1) {
		assert.True(t, headings[link[1]], "no heading %s", link[1])
	}
}

// exported returns the names at a package's top level.
func exported(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					names[decl.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							names[name.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

// A breaker that the page calls like gobreaker's zero Settings is, step by step.
func TestLikeZeroSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := likeZeroSettings(), gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{})
		call := func(end error) {
			token, err := ours.Acquire(ctx)
			done, theirErr := theirs.Allow()
			require.Equal(t, theirErr == nil, err == nil)
			if err == nil {
				ours.Release(token, end)
				done(end)
			}
			require.Equal(t, theirs.State().String(), ours.State().String())
		}
		states := map[breaker.State]bool{}
		for _, end := range []error{errDown, nil, errDown, errDown, errDown, errDown, errDown, errDown, errDown, errDown, nil, nil} {
			call(end)
			states[ours.State()] = true
			if ours.State() == breaker.Open {
				time.Sleep(time.Minute - 1)
				require.Equal(t, breaker.Open, ours.State())
				time.Sleep(2 * time.Nanosecond)
				require.Equal(t, breaker.HalfOpen, ours.State())
			}
		}
		assert.Len(t, states, 2)
		assert.Equal(t, breaker.Closed, ours.State())

		for range 6 {
			call(errDown)
		}
		time.Sleep(time.Minute + 1)
		_, err := ours.Acquire(ctx)
		require.NoError(t, err)
		_, err = theirs.Allow()
		require.NoError(t, err)
		time.Sleep(1000 * time.Hour)
		call(nil) // both refuse it for ever
		assert.Equal(t, breaker.HalfOpen, ours.State())
	})
}

// The two breakers of the example open at the same call.
func TestBeforeAndAfterOpenAlike(t *testing.T) {
	cb := before()
	for call := range 10 {
		assert.Equal(t, gobreaker.StateClosed, cb.State(), "call %d", call)
		_, err := execute(ctx, cb)
		require.ErrorIs(t, err, inventory.err)
	}
	assert.Equal(t, gobreaker.StateOpen, cb.State())
}

// Functions that gobreaker had judge the same for a breaker of ours.
func TestClassified(t *testing.T) {
	errMaintenance := errors.New("closed for maintenance")
	b := classified(
		func(err error) bool { return err == nil || errors.Is(err, sql.ErrNoRows) },
		func(err error) bool { return errors.Is(err, errMaintenance) },
	)
	p := ductile.New("p", b)
	for _, end := range []error{nil, sql.ErrNoRows, errMaintenance, errDown, fault.ErrRejected} {
		_ = ductile.Run(ctx, p, func(context.Context) error { return end })
	}
	assert.Equal(t, breaker.Counts{Calls: 3, Failures: 1, Consecutive: 1}, b.Snapshot().Counts)
}

// What the page says of gobreaker by itself: a panic between the two steps keeps a place for ever.
func TestTwoStepsByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cb := gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{Timeout: time.Minute, ReadyToTrip: atOnce})
		_, err := twoSteps(ctx, cb, inventory)
		require.ErrorIs(t, err, inventory.err)
		time.Sleep(time.Minute + 1)
		assert.Panics(t, func() { _, _ = twoSteps(ctx, cb, nil) })
		time.Sleep(1000 * time.Hour)
		_, err = twoSteps(ctx, cb, inventory)
		require.Equal(t, gobreaker.ErrTooManyRequests, err)
	})
}

// States are called the same, and numbered otherwise.
func TestStates(t *testing.T) {
	for theirs, ours := range map[gobreaker.State]breaker.State{
		gobreaker.StateClosed: breaker.Closed, gobreaker.StateOpen: breaker.Open, gobreaker.StateHalfOpen: breaker.HalfOpen,
	} {
		assert.Equal(t, theirs.String(), ours.String())
	}
	assert.Equal(t, []int{2, 1}, []int{int(gobreaker.StateOpen), int(breaker.Open)})
	assert.Equal(t, []int{1, 2}, []int{int(gobreaker.StateHalfOpen), int(breaker.HalfOpen)})
}

// What the page's tables say of each end is what the functions say.
func TestThePagesTableOfEnds(t *testing.T) {
	text := read(t, page)
	_, table, _ := strings.Cut(text, "| the call ended | `Successful` | `Excluded` |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	ends := [][]error{
		{nil, fault.Permanent(errOther)},
		{errDown, fault.ErrAborted, fault.End(errDown, fault.ClassTimeout), fault.Overload(errDown, 0)},
		{fault.End(errDown, fault.ClassCanceled), context.Canceled},
		{fault.ErrRejected},
		{fault.Ignore(errOther)},
		{fault.Superseded(true), fault.Superseded(false)},
		{fault.ErrExited},
	}
	require.Len(t, rows, len(ends))
	for i, row := range rows {
		for _, end := range ends[i] {
			says := fmt.Sprintf("| %v | %v |", gobreakeradapter.Successful(end), gobreakeradapter.Excluded(end))
			assert.True(t, strings.HasSuffix(row, says), "%s: not %s for %v", row, says, end)
		}
	}
}
