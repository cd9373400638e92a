package migrating_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A guide is a page, the programs that it is taken from, and the packages of the library that it begins with.
type guide struct {
	page         string
	programs     []string
	peers        []string // import paths
	beside       []string // import paths of what stands in its tables, too
	version      string   // the page says it
	gos, outputs int      // how many blocks there are at least
}

const (
	docs       = "../../docs/migrating"
	failsafeGo = "github.com/failsafe-go/failsafe-go"
	checked    = "2026-11-22"
)

var guides = []guide{
	{
		page: "failsafe-go.md", programs: []string{"failsafe_before_example_test.go", "failsafe_example_test.go"},
		peers: []string{
			failsafeGo, failsafeGo + "/adaptivelimiter", failsafeGo + "/adaptivethrottler", failsafeGo + "/budget", failsafeGo + "/bulkhead",
			failsafeGo + "/cachepolicy", failsafeGo + "/circuitbreaker", failsafeGo + "/failsafegrpc", failsafeGo + "/failsafehttp",
			failsafeGo + "/fallback", failsafeGo + "/hedgepolicy", failsafeGo + "/priority", failsafeGo + "/ratelimiter", failsafeGo + "/retrypolicy",
			failsafeGo + "/timeout", failsafeGo + "/policy",
		},
		version: "v0.9.8", gos: 12, outputs: 4,
	},
	{
		page: "hystrix-go.md", programs: []string{"hystrix_before_example_test.go", "hystrix_example_test.go"},
		peers:   []string{"github.com/afex/hystrix-go/hystrix", "github.com/afex/hystrix-go/hystrix/metric_collector"},
		version: "v0.0.0-20180502004556-fa1af6a1f4f5", gos: 10, outputs: 3,
	},
	{
		page: "go-retryablehttp.md", programs: []string{"retryablehttp_before_example_test.go", "retryablehttp_example_test.go"},
		peers: []string{"github.com/hashicorp/go-retryablehttp"}, beside: []string{"net/http", "bytes", "io"},
		version: "v0.7.8", gos: 9, outputs: 2,
	},
	{
		page:     "backoff.md",
		programs: []string{"backoff_before_example_test.go", "backoff_v6_example_test.go", "backoff_example_test.go"},
		peers:    []string{"github.com/cenkalti/backoff/v4", "github.com/cenkalti/backoff/v6"},
		version:  "v4.3.0", gos: 10, outputs: 3,
	},
}

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

// each runs a test of every guide, with the text of its page.
func each(t *testing.T, test func(t *testing.T, g guide, text string)) {
	for _, g := range guides {
		t.Run(g.page, func(t *testing.T) { test(t, g, read(t, filepath.Join(docs, g.page))) })
	}
}

// The code on a page is in its programs, and what it prints is what an example's Output is.
func TestThePagesAreTheirPrograms(t *testing.T) {
	each(t, func(t *testing.T, g guide, text string) {
		var code strings.Builder
		for _, program := range g.programs {
			code.WriteString(read(t, program))
		}
		flat := words(code.String())
		printed := words(strings.ReplaceAll(code.String(), "//", ""))
		_, blocks := parts(text)
		seen := map[string]int{}
		for _, block := range blocks {
			language, block, _ := strings.Cut(block, "\n")
			seen[language]++
			switch language {
			case "go":
				if !strings.Contains(flat, words(block)) {
					t.Errorf("in no program:\n%s", block)
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
		assert.GreaterOrEqual(t, seen["go"], g.gos)
		assert.GreaterOrEqual(t, seen["text"], g.outputs)
		for _, what := range []string{g.version, checked} {
			assert.True(t, strings.Contains(text, what), "%s is not on the page", what) //nolint:testifylint // Contains would print the page
		}
	})
}

// our packages, by their names.
var ours = map[string]string{
	"ductile": ".", "breaker": "breaker", "budget": "budget", "bulkhead": "bulkhead", "ductilehttp": "ductilehttp", "fallback": "fallback",
	"fault": "fault", "hedge": "hedge", "keyed": "keyed", "ratelimit": "ratelimit", "retry": "retry", "safemode": "safemode",
	"standard": "standard", "telemetry": "telemetry", "timeout": "timeout",
}

var (
	span      = regexp.MustCompile("`[^`]+`")
	qualified = regexp.MustCompile(`\b([a-z]\w*)\.([A-Z]\w*)`)
	name      = regexp.MustCompile(`\b[A-Z]\w*[a-z]\w*`)
	link      = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
	within    = regexp.MustCompile(`\]\(#([^)]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ (.*)$`)
	metric    = regexp.MustCompile("`(ductile\\.[a-z_.]+)`")
)

// What a page names is there: in the first column of a table that of the other library, in the others ours, and in the text either.
func TestThePagesNameWhatThereIs(t *testing.T) {
	us := map[string]map[string]bool{}
	for name, dir := range ours {
		us[name] = map[string]bool{}
		declared(t, filepath.Join("..", "..", dir), us[name])
	}
	each(t, func(t *testing.T, g guide, text string) {
		theirs, packages := map[string]bool{}, map[string]bool{}
		for _, path := range g.peers {
			p, err := build.Import(path, ".", 0)
			require.NoError(t, err)
			packages[p.Name] = true
			declared(t, p.Dir, theirs)
		}
		for _, path := range g.beside {
			p, err := build.Import(path, ".", 0)
			require.NoError(t, err)
			declared(t, p.Dir, theirs)
		}
		prose, _ := parts(text)
		for line := range strings.Lines(prose) {
			cells := []string{"", line}
			if row, ok := strings.CutPrefix(strings.TrimSpace(line), "|"); ok {
				cells = strings.SplitN(row, "|", 2)
			}
			for _, code := range span.FindAllString(cells[0], -1) {
				for _, mention := range name.FindAllString(code, -1) {
					assert.True(t, theirs[mention], "%s has no %s", g.peers[0], mention)
				}
			}
			for _, code := range span.FindAllString(cells[1], -1) {
				for _, mention := range qualified.FindAllStringSubmatch(code, -1) {
					in, what := mention[1], mention[2]
					isOurs, isTheirs := us[in][what], packages[in] && theirs[what]
					if us[in] == nil && !packages[in] {
						continue // the standard library, or a variable
					}
					assert.True(t, isOurs || cells[0] == "" && isTheirs, "there is no %s.%s", in, what)
				}
			}
		}
	})
}

// Links lead somewhere, and metrics are those of docs/telemetry.md.
func TestThePagesPointToWhatThereIs(t *testing.T) {
	telemetry := read(t, "../../docs/telemetry.md")
	each(t, func(t *testing.T, _ guide, text string) {
		text, _ = parts(text) // code is full of brackets
		for _, to := range link.FindAllStringSubmatch(span.ReplaceAllString(text, "code"), -1) {
			if strings.HasPrefix(to[1], "https://") {
				continue
			}
			_, err := os.Stat(filepath.Join(docs, to[1]))
			assert.NoError(t, err)
		}
		headings := map[string]bool{}
		for _, title := range heading.FindAllStringSubmatch(text, -1) {
			headings[strings.NewReplacer(" ", "-", ",", "", "'", "", ":", "").Replace(strings.ToLower(title[1]))] = true
		}
		for _, to := range within.FindAllStringSubmatch(text, -1) {
			assert.True(t, headings[to[1]], "no heading %s among %v", to[1], headings)
		}
		for _, m := range metric.FindAllStringSubmatch(text, -1) {
			assert.True(t, strings.Contains(telemetry, m[0]), "there is no %s", m[1]) //nolint:testifylint // as above
		}
	})
}

// declared adds what a package declares: names at its top level, methods, and fields.
func declared(t *testing.T, dir string, names map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files, dir)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				names[n.Name.Name] = true
				return false // its body declares nothing that others see
			case *ast.TypeSpec:
				names[n.Name.Name] = true
			case *ast.ValueSpec:
				maps.Copy(names, set(n.Names))
			case *ast.Field:
				maps.Copy(names, set(n.Names))
			}
			return true
		})
	}
}

func set(idents []*ast.Ident) map[string]bool {
	names := map[string]bool{}
	for _, ident := range idents {
		names[ident.Name] = true
	}
	return names
}
