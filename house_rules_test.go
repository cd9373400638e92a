package ductile_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// How the rules in house_test.go are found broken: by reading the sources, without building them, so that a broken rule shows even
// where the code does not compile on this machine.

// A tree is a repository: its Go sources, and its go.mod files and go.work as they are.
type tree struct {
	sources []source
	texts   files
}

// A source is a Go file, with its path from the root.
type source struct {
	path  string
	file  *ast.File
	set   *token.FileSet
	lines int
}

// load reads the repository that this test is part of.
func load(t *testing.T) tree {
	t.Helper()
	texts := files{}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "vendor") {
				return fs.SkipDir // the go command does not look there either
			}
			return nil
		}
		if strings.HasSuffix(base, ".go") || base == "go.mod" || base == "go.work" {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			texts[filepath.ToSlash(name)] = string(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, texts)
}

func parse(t *testing.T, texts files) tree {
	t.Helper()
	built := tree{texts: files{}}
	for name, text := range texts {
		if !strings.HasSuffix(name, ".go") {
			built.texts[name] = text
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		built.sources = append(built.sources, source{name, file, set, strings.Count(text, "\n")})
	}
	slices.SortFunc(built.sources, func(a, b source) int { return strings.Compare(a.path, b.path) })
	return built
}

func (s source) dir() string         { return path.Dir(s.path) }
func (s source) isTest() bool        { return strings.HasSuffix(s.path, "_test.go") }
func (s source) isProgram() bool     { return rooms[roomOf(s.dir())] == rooms["examples"] }
func (s source) isLibrary() bool     { return !s.isTest() && !s.isProgram() }
func (s source) key(n string) string { return path.Join(s.dir(), n) }

// at says that what is at pos breaks the rule.
func (s source) at(pos token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", s.path, s.set.Position(pos).Line, fmt.Sprintf(format, args...))
}

// imports yields the paths that a source imports.
func (s source) imports(yield func(*ast.ImportSpec, string) bool) {
	for _, spec := range s.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !yield(spec, name) {
			return
		}
	}
}

// roomOf returns the room that a directory is in: its first element.
func roomOf(dir string) string {
	first, _, _ := strings.Cut(dir, "/")
	return first
}

// within reports whether a slash-separated path is base or below it.
func within(name, base string) bool {
	return base == "" || base == "." || name == base || strings.HasPrefix(name, base+"/")
}

// named reports whether a finding names a thing as a whole, not as part of a longer name.
func named(finding, thing string) bool {
	return regexp.MustCompile(`(^|[\s:(])` + regexp.QuoteMeta(thing) + `($|[\s:,)])`).MatchString(finding)
}

// ours returns the directory of an import of this repository, "." for the root package.
func ours(imported string) (dir string, ok bool) {
	if imported == us {
		return ".", true
	}
	return strings.CutPrefix(imported, us+"/")
}

func upward(_ rule, t tree) (found []string) {
	for _, s := range t.sources {
		floor, known := rooms[roomOf(s.dir())]
		if !known {
			found = append(found, s.path+": this directory has no floor: give it one in rooms")
			continue
		}
		if s.isTest() {
			continue // a test may use the whole house to show what a policy is for
		}
		for spec, imported := range s.imports {
			dir, ok := ours(imported)
			if !ok || floor > rooms[roomOf(dir)] || roomOf(dir) == roomOf(s.dir()) {
				continue
			}
			if target, known := rooms[roomOf(dir)]; known && floor == 0 && target == 0 {
				continue // the ground floor is one vocabulary; the compiler keeps it free of cycles
			}
			found = append(found, s.at(spec.Pos(), "floor %d imports %s, which is not below it", floor, dir))
		}
	}
	return found
}

func rootImportsLeaf(_ rule, t tree) (found []string) {
	for _, s := range t.sources {
		for spec, imported := range s.imports {
			if dir, ok := ours(imported); ok && s.dir() == "." && !s.isTest() && rooms[roomOf(dir)] == rooms["breaker"] {
				found = append(found, s.at(spec.Pos(), "imports %s", dir))
			}
		}
	}
	return found
}

func strangers(_ rule, t tree) (found []string) {
	for _, s := range t.sources {
		for spec, imported := range s.imports {
			first, _, _ := strings.Cut(imported, "/")
			if _, own := ours(imported); s.isTest() || own || !strings.Contains(first, ".") {
				continue // the standard library's paths have no dot in their first element
			}
			if !slices.ContainsFunc(libraries, func(l library) bool {
				return within(s.dir(), l.room) && within(imported, l.path) &&
					!slices.ContainsFunc(l.without, func(w string) bool { return within(imported, w) })
			}) {
				found = append(found, s.at(spec.Pos(), "imports %s, which libraries does not give to %s", imported, s.dir()))
			}
		}
	}
	return found
}

func grpc(_ rule, t tree) (found []string) {
	const google = "google.golang.org/grpc"
	for _, module := range requires(t.texts["go.mod"]) {
		if within(module, google) {
			found = append(found, "go.mod: requires "+module)
		}
	}
	for _, s := range t.sources {
		for spec, imported := range s.imports {
			if within(imported, google) && moduleOf(t, s.dir()) == "." {
				found = append(found, s.at(spec.Pos(), "imports %s", imported))
			}
		}
	}
	return found
}

func required(_ rule, t tree) (found []string) {
	for _, module := range requires(t.texts["go.mod"]) {
		if requirements[module] == "" {
			found = append(found, "go.mod: requires "+module+", which requirements does not list with a reason")
		}
	}
	return found
}

func homeless(_ rule, t tree) (found []string) {
	used := block(t.texts["go.work"], "use")
	for name := range t.texts {
		if dir := path.Dir(name); path.Base(name) == "go.mod" && !slices.ContainsFunc(used, func(u string) bool { return path.Clean(u) == dir }) {
			found = append(found, name+": go.work does not use this module")
		}
	}
	return found
}

// moduleOf returns the directory of the module that a directory belongs to.
func moduleOf(t tree, dir string) string {
	for ; dir != "."; dir = path.Dir(dir) {
		if _, ok := t.texts[dir+"/go.mod"]; ok {
			return dir
		}
	}
	return "."
}

// requires returns the modules that a go.mod requires, directly or not.
func requires(mod string) []string { return block(mod, "require") }

// block returns the first word of what a go.mod or go.work says after a verb, on one line or in parentheses.
func block(text, verb string) (words []string) {
	inside := false
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case inside && fields[0] == ")":
			inside = false
		case inside:
			words = append(words, strings.Trim(fields[0], `"`))
		case fields[0] == verb && len(fields) > 1 && fields[1] == "(":
			inside = true
		case fields[0] == verb && len(fields) > 1:
			words = append(words, strings.Trim(fields[1], `"`))
		}
	}
	return words
}

func undocumented(_ rule, t tree) (found []string) {
	for _, s := range t.sources {
		if !s.isLibrary() {
			continue
		}
		missing := func(name *ast.Ident, docs ...*ast.CommentGroup) {
			if name.IsExported() && strings.TrimSpace(texts(docs...)) == "" {
				found = append(found, s.at(name.Pos(), "%s has no comment", name.Name))
			}
		}
		for _, decl := range s.file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if receiver := receiverOf(decl); receiver == nil || receiver.IsExported() {
					missing(decl.Name, decl.Doc)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							missing(name, decl.Doc, spec.Doc, spec.Comment)
						}
					case *ast.TypeSpec:
						missing(spec.Name, decl.Doc, spec.Doc, spec.Comment)
						if spec.Name.IsExported() {
							for _, name := range unexplained(spec, texts(decl.Doc, spec.Doc)) {
								missing(name)
							}
						}
					}
				}
			}
		}
	}
	return found
}

// unexplained returns the fields of a struct and the methods of an interface that have no comment of their own and that their
// type's comment does not name.
func unexplained(spec *ast.TypeSpec, doc string) (names []*ast.Ident) {
	var list *ast.FieldList
	switch is := spec.Type.(type) {
	case *ast.StructType:
		list = is.Fields
	case *ast.InterfaceType:
		list = is.Methods
	default:
		return nil
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			if texts(field.Doc, field.Comment) == "" && !regexp.MustCompile(`\b`+name.Name+`\b`).MatchString(doc) {
				names = append(names, name)
			}
		}
	}
	return names
}

func texts(groups ...*ast.CommentGroup) string {
	var all strings.Builder
	for _, group := range groups {
		all.WriteString(group.Text())
	}
	return all.String()
}

// receiverOf returns the name of the type that a method belongs to, nil for a function.
func receiverOf(decl *ast.FuncDecl) *ast.Ident {
	if decl.Recv == nil {
		return nil
	}
	expr := decl.Recv.List[0].Type
	for {
		switch is := expr.(type) {
		case *ast.StarExpr:
			expr = is.X
		case *ast.IndexExpr:
			expr = is.X
		case *ast.IndexListExpr:
			expr = is.X
		case *ast.ParenExpr:
			expr = is.X
		case *ast.Ident:
			return is
		default:
			return nil
		}
	}
}

func packageComments(_ rule, t tree) (found []string) {
	comments := map[string]int{}
	for _, s := range t.sources {
		if !s.isTest() {
			comments[s.dir()] += 0
			if s.file.Doc.Text() != "" {
				comments[s.dir()]++
			}
		}
	}
	for dir, n := range comments {
		if n != 1 {
			found = append(found, fmt.Sprintf("%s: has %d package comments", dir, n))
		}
	}
	return found
}

func packageState(r rule, t tree) (found []string) {
	for _, s := range t.sources {
		if !s.isLibrary() {
			continue
		}
		for _, decl := range s.file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				spec, ok := spec.(*ast.ValueSpec)
				if !ok {
					continue
				}
				for i, name := range spec.Names {
					if key := s.key(name.Name); name.Name != "_" && !isSentinel(spec, i) && r.excuses[key] == "" {
						found = append(found, s.at(name.Pos(), "%s is a variable of the package", key))
					}
				}
			}
		}
	}
	return found
}

// isSentinel reports whether the i-th variable of a declaration is an error made on the spot: one of type error, one from
// errors.New or fmt.Errorf, or a value of a named type under a name that begins with err.
func isSentinel(spec *ast.ValueSpec, i int) bool {
	if i >= len(spec.Values) {
		return false
	}
	if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "error" {
		return true
	}
	value := spec.Values[i]
	if call, ok := value.(*ast.CallExpr); ok {
		return isCall(call, "errors", "New") || isCall(call, "fmt", "Errorf")
	}
	if pointer, ok := value.(*ast.UnaryExpr); ok && pointer.Op == token.AND {
		value = pointer.X
	}
	literal, ok := value.(*ast.CompositeLit)
	if !ok || !strings.HasPrefix(strings.ToLower(spec.Names[i].Name), "err") {
		return false
	}
	switch literal.Type.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return true
	default:
		return false
	}
}

func isCall(call *ast.CallExpr, pkg, name string) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != name {
		return false
	}
	from, ok := selector.X.(*ast.Ident)
	return ok && from.Name == pkg
}

func inits(_ rule, t tree) (found []string) {
	for _, s := range t.sources {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && s.isLibrary() && f.Recv == nil && f.Name.Name == "init" {
				found = append(found, s.at(f.Pos(), "func init"))
			}
		}
	}
	return found
}

func goroutines(r rule, t tree) (found []string) {
	for _, s := range t.sources {
		if !s.isLibrary() {
			continue
		}
		for _, decl := range s.file.Decls {
			key := s.key("package level")
			if f, ok := decl.(*ast.FuncDecl); ok {
				key = s.key(f.Name.Name)
				if receiver := receiverOf(f); receiver != nil {
					key = s.key(receiver.Name + "." + f.Name.Name)
				}
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				if starts(n) && r.excuses[key] == "" {
					found = append(found, s.at(n.Pos(), "%s starts a goroutine", key))
				}
				return true
			})
		}
	}
	return found
}

// starts reports whether a node starts a goroutine: a go statement, the AfterFunc of time or context, or a method called Go with
// one argument, as a WaitGroup's.
func starts(n ast.Node) bool {
	if _, ok := n.(*ast.GoStmt); ok {
		return true
	}
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return isCall(call, "time", "AfterFunc") || isCall(call, "context", "AfterFunc") || ok && selector.Sel.Name == "Go" && len(call.Args) == 1
}

func emptyNames(_ rule, t tree) (found []string) {
	empty := regexp.MustCompile(`util|common|helper|manager`)
	for _, s := range t.sources {
		if name := s.file.Name.Name; empty.MatchString(name) {
			found = append(found, s.at(s.file.Name.Pos(), "package %s", name))
		}
		if empty.MatchString(s.dir()) {
			found = append(found, s.path+": is in a directory with such a name")
		}
	}
	return found
}

func long(_ rule, t tree) (found []string) {
	const most, limit = 200, 350
	all, above := 0, 0
	for _, s := range t.sources {
		if !s.isLibrary() {
			continue
		}
		all++
		if s.lines > most {
			above++
		}
		if s.lines > limit {
			found = append(found, fmt.Sprintf("%s: %d lines", s.path, s.lines))
		}
	}
	if above*2 > all {
		found = append(found, fmt.Sprintf("%d of %d files are above %d lines", above, all, most))
	}
	return found
}

func lines(n int) string { return strings.Repeat("\n", n) }

func misplacedTests(_ rule, t tree) (found []string) {
	stress := regexp.MustCompile(`^Test.*Stress($|[^a-z])`)
	for _, s := range t.sources {
		if !s.isTest() {
			continue
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv != nil || f.Name.Name == "TestMain" {
				continue
			}
			name := f.Name.Name
			belongs := func(is bool, what, suffix string) {
				if is && !strings.HasSuffix(s.path, suffix) {
					found = append(found, s.at(f.Pos(), "%s is %s, so its file is called …%s", name, what, suffix))
				}
			}
			belongs(strings.HasPrefix(name, "Fuzz"), "a fuzz target", "_fuzz_test.go")
			belongs(strings.HasPrefix(name, "Example"), "an example", "example_test.go")
			belongs(stress.MatchString(name), "a stress test", "_stress_test.go")
			belongs(callsRapid(f), "a property", "_property_test.go")
			if strings.HasPrefix(name, "Test") && !stress.MatchString(name) && strings.HasSuffix(s.path, "_stress_test.go") {
				found = append(found, s.at(f.Pos(), "%s is in a file of stress tests without Stress in its name", name))
			}
		}
	}
	return found
}

// callsRapid reports whether a function checks a property with rapid.
func callsRapid(f *ast.FuncDecl) (calls bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && (isCall(call, "rapid", "Check") || isCall(call, "rapid", "MakeCheck")) {
			calls = true
		}
		return !calls
	})
	return calls
}
