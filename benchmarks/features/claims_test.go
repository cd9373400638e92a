package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tests returns the tests of benchmarks and of this command, by name.
func tests(t *testing.T) map[string]*ast.FuncDecl {
	t.Helper()
	files, err := filepath.Glob("../*_test.go")
	require.NoError(t, err)
	own, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	files = append(files, own...)
	all := map[string]*ast.FuncDecl{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") {
				all[f.Name.Name] = f
			}
		}
	}
	return all
}

// expects reports why a test does not try what is claimed of a library, or does not expect it.
func expects(all map[string]*ast.FuncDecl, l *library, c *claim) error {
	f := all[c.test]
	if f == nil {
		return fmt.Errorf("there is no test %s", c.test)
	}
	tried := false
	var wants []bool
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			tried = tried || isText(n, c.name)
		case *ast.CompositeLit: // a row, whose first element is the name and whose last is what is expected
			if len(n.Elts) > 1 && isText(n.Elts[0], c.name) {
				wants = booleans(n.Elts[len(n.Elts)-1])
			}
		}
		return true
	})
	i := slices.Index(order[c.test], l)
	switch {
	case !tried:
		return fmt.Errorf("%s does not try that %q", c.test, c.name)
	case i < 0 || len(wants) > 0 && i >= len(wants):
		return fmt.Errorf("%s does not try %s", c.test, l.name)
	case len(wants) > 0 && wants[i] != c.holds:
		return fmt.Errorf("%s, %q: expects %v of %s", c.test, c.name, wants[i], l.name)
	}
	return nil
}

func isText(n ast.Node, text string) bool {
	literal, ok := n.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return false
	}
	said, err := strconv.Unquote(literal.Value)
	return err == nil && said == text
}

// booleans returns those of an array of them.
func booleans(n ast.Node) (all []bool) {
	array, ok := n.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	for _, e := range array.Elts {
		name, ok := e.(*ast.Ident)
		if !ok || name.Name != "true" && name.Name != "false" {
			return nil
		}
		all = append(all, name.Name == "true")
	}
	return all
}
