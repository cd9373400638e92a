package ductiletest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a finding quotes must be what the documentation says.
func TestQuotations(t *testing.T) {
	docs := map[string]string{"ductile": documentation(t, ".."), "fault": documentation(t, "../fault"), "ductiletest": documentation(t, ".")}
	owed := []string{owesBlame, owesAcquire, owesRelease, owesMeasure, owesBubble, shape().owed}
	for _, p := range promises(measured{shuts: true}) {
		owed = append(owed, p.owed)
	}
	quotation := regexp.MustCompile(`(\w+)\.(\w+): "([^"]+)"`)
	for _, text := range owed {
		quoted := quotation.FindAllStringSubmatch(text, -1)
		require.NotEmpty(t, quoted, "quotes nobody: %s", text)
		for _, q := range quoted {
			assert.Contains(t, docs[q[1]], q[3], "as the documentation of %s.%s", q[1], q[2])
			assert.Contains(t, docs[q[1]], q[2])
		}
	}
}

// documentation returns all comments of a package as running text, without the brackets of links.
func documentation(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var all strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, group := range file.Comments {
			all.WriteString(group.Text())
			all.WriteString("\n")
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				all.WriteString(spec.Name.Name + "\n")
			}
			return true
		})
	}
	return strings.Join(strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(all.String())), " ")
}
