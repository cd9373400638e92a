package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each cell is so: its phrases are where it says, its words are nowhere, and its test expects it.
func TestCells(t *testing.T) {
	where, proofs := found(t), tests(t)
	for _, table := range tables() {
		for _, r := range table.rows {
			for _, l := range table.columns {
				c := table.at(r, l)
				at := table.title + ", " + r.feature + ", " + l.name
				assert.NotEmpty(t, c.says, at)
				assert.True(t, len(c.read)+len(c.words) > 0 || c.test != nil, "%s: nothing says so", at)
				for _, p := range c.read {
					assert.NoError(t, where.says(l, p), at)
				}
				for _, word := range c.words {
					assert.NoError(t, where.lacks(l, table.within[l], word), at)
				}
				if c.test != nil {
					assert.NoError(t, expects(proofs, l, c.test), at)
				}
			}
			for l := range r.cells {
				assert.Contains(t, table.columns, l, "%s, %s: %s has a cell and no column", table.title, r.feature, l.name)
			}
		}
	}
}

// A wrong cell is found.
func TestCellsCanFail(t *testing.T) {
	where, proofs := found(t), tests(t)
	for _, p := range []phrase{{"gobreaker.go", "ReadyToTripp"}, {"gobreakers.go", "ReadyToTrip"}, {"gobreaker.go", ""}} {
		assert.Error(t, where.says(gobreaker, p))
	}
	require.NoError(t, where.says(gobreaker, phrase{"gobreaker.go", "ReadyToTrip"}))
	assert.ErrorContains(t, where.lacks(gobreaker, "", "rollingcounts"), "counter.go")
	assert.Error(t, where.lacks(gobreaker, "nowhere", "readytotrip"))
	assert.Error(t, where.lacks(eapache, "semaphore", "NoTickets"), "any case of letters")
	require.NoError(t, where.lacks(eapache, "semaphore", "breaker"), "of a part")
	require.NoError(t, where.lacks(gobreaker, "", "testing.T"), "tests are no source")
	const name = "a probe that panics gives its place back"
	require.NoError(t, expects(proofs, gobreaker, &claim{"TestComparison", name, true}))
	for _, c := range []claim{{"TestComparison", name, false}, {"TestComparisons", name, true}, {"TestComparison", name + ".", true}} {
		assert.Error(t, expects(proofs, gobreaker, &c))
	}
	assert.Error(t, expects(proofs, hystrix, &claim{"TestComparison", name, true}))
	assert.Error(t, expects(proofs, failsafe, &claim{"TestComparisonOfHedges", "a call that needs no copy starts no goroutine", true}))
}

// The versions that were read are those that benchmarks requires, and the links are to them.
func TestVersions(t *testing.T) {
	where := found(t)
	text, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	for _, l := range libraries {
		if l == ductile {
			continue
		}
		assert.Contains(t, string(text), "\t"+l.module+" "+l.version+"\n")
		assert.Equal(t, l.version, where.versions[l.module], "%s: what is built", l.name)
		version := l.version
		if i := strings.LastIndex(version, "-"); i > 0 {
			version = version[i+1:] // a commit
		}
		assert.Contains(t, l.source, "/blob/"+version+"/", l.name)
	}
}

// Whoever is measured is compared, and whoever could not be had is said to be absent.
func TestEverybodyIsHere(t *testing.T) {
	var modules []string
	for _, l := range libraries {
		modules = append(modules, l.module)
	}
	var absents []string
	for _, a := range absent {
		absents = append(absents, a.name, a.why)
	}
	who := texts(t, "../who.go")
	require.NotEmpty(t, who["Peers"])
	for _, module := range who["Peers"] {
		if module != "google.golang.org/grpc" { // what the others stand around
			assert.Contains(t, modules, module)
		}
	}
	assert.Equal(t, who["Absent"], absents)
	var compared []*library
	for _, table := range tables()[1:] {
		compared = append(compared, table.columns...)
	}
	for _, l := range libraries {
		assert.True(t, slices.Contains(compared, l), "%s is in no table but the first", l.name)
	}
}

// texts returns the strings in each variable of a file.
func texts(t *testing.T, file string) map[string][]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	all := map[string][]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		ast.Inspect(v, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				all[v.Names[0].Name] = append(all[v.Names[0].Name], text)
			}
			return true
		})
		return false
	})
	return all
}

// docs/peers.md is what the command prints, and says once when that was checked.
func TestPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/peers.md")
	require.NoError(t, err)
	assert.Equal(t, page(), string(text), "go run ./benchmarks/features > docs/peers.md")
	assert.Equal(t, 1, strings.Count(page(), checked))
	for _, l := range libraries {
		assert.Contains(t, page(), " "+l.version, "its version")
	}
	for _, word := range []string{" first ", " the only "} {
		for _, table := range tables() {
			assert.NotContains(t, table.title+table.about, word)
		}
	}
}

// A word that nobody says proves nothing: of those that a cell looks for in vain, somebody who has the feature says one.
func TestWordsMeanSomething(t *testing.T) {
	where := found(t)
	for _, table := range tables() {
		for _, r := range table.rows {
			for _, l := range table.columns {
				c := table.at(r, l)
				said := len(c.words) == 0
				for other, has := range r.cells {
					for _, word := range c.words {
						said = said || (len(has.read) > 0 || other == l) && where.lacks(other, "", word) != nil
					}
				}
				assert.True(t, said, "%s, %s, %s: nobody who has it says any of %q", table.title, r.feature, l.name, c.words)
			}
		}
	}
}
