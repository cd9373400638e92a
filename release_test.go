package ductile_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ductile-go/ductile/telemetry"
)

// Whether the modules can be used from outside shows only outside: a workspace and a replace directive both hide a file that is
// missing, a requirement that is wrong, a package that imports what only the repository has. So this test releases the tree, as it
// is, to a module proxy made of files, and uses it as a stranger would.

// release is the version that the sub-modules require of the root.
const release = "v0.1.0"

// What telemetry says of the library's version is the release's.
func TestTheVersionIsTheRelease(t *testing.T) {
	if "v"+telemetry.Version != release {
		t.Errorf("telemetry.Version is %s, the release %s", telemetry.Version, release)
	}
}

// released are the directories of the modules that get a tag, root first. examples and benchmarks never do.
var released = []string{".", "ductilegrpc"}

const program = `package main

import (
	"context"
	"fmt"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilegrpc"
)

func main() {
	p := ductile.New("x")
	v, err := ductile.Do(context.Background(), p, func(context.Context) (int, error) { return 42, nil })
	fmt.Print(v, err, len(ductilegrpc.NewClient(p).DialOptions()))
}
`

func TestReleaseIsUsableFromOutside(t *testing.T) {
	if testing.Short() {
		t.Skip("builds with an empty module cache")
	}
	proxy, outside := t.TempDir(), t.TempDir()
	tracked := repositoryFiles(t)
	for _, dir := range released {
		publish(t, proxy, dir, tracked)
	}
	// The sums that the repository pins let the go command check other modules without asking anybody.
	var sums []byte
	for _, dir := range released {
		sums = append(sums, readFile(t, filepath.Join(dir, "go.sum"))...)
	}
	writeFile(t, filepath.Join(outside, "go.sum"), sums)
	writeFile(t, filepath.Join(outside, "go.mod"), []byte("module stranger\n\ngo 1.26\n"))
	writeFile(t, filepath.Join(outside, "main.go"), []byte(program))

	run := stranger(t, proxy, outside)
	for _, dir := range released {
		module := path.Join(us, dir)
		run("go", "get", module+"@"+release)
		run("go", "build", module+"/...")
	}
	if said := run("go", "run", "."); said != "42 <nil> 3" {
		t.Errorf("the program printed %q", said)
	}
	if where := run("go", "list", "-m", "-f", "{{.Version}} {{.Replace}}", us); strings.TrimSpace(where) != release+" <nil>" {
		t.Errorf("the program used %s %q, not what was released", us, where)
	}
}

// repositoryFiles returns the files that are or may be committed: those that git tracks, and the new ones that it does not ignore.
func repositoryFiles(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skipf("not in a git checkout, so there is nothing to release: %v", err)
	}
	var names []string
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() { // one that git tracks may be deleted by now
			names = append(names, name)
		}
	}
	return names
}

// publish puts a module into a proxy made of files, laid out as the go command's proxy protocol says.
func publish(t *testing.T, proxy, dir string, tracked []string) {
	t.Helper()
	module := path.Join(us, dir)
	versions := filepath.Join(proxy, filepath.FromSlash(module), "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(versions, "list"), []byte(release+"\n"))
	writeFile(t, filepath.Join(versions, release+".info"), fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, release))
	writeFile(t, filepath.Join(versions, release+".mod"), readFile(t, filepath.Join(dir, "go.mod")))
	writeFile(t, filepath.Join(versions, release+".zip"), archive(t, module, dir, tracked))
}

// archive zips the files of the module in dir, without those of modules inside it.
func archive(t *testing.T, module, dir string, tracked []string) []byte {
	t.Helper()
	modules := files{}
	for _, name := range tracked {
		if path.Base(name) == "go.mod" {
			modules[name] = ""
		}
	}
	var zipped bytes.Buffer
	writer := zip.NewWriter(&zipped)
	for _, name := range tracked {
		if moduleOf(tree{texts: modules}, path.Dir(name)) != dir {
			continue
		}
		inside := strings.TrimPrefix(name, dir+"/")
		entry, err := writer.Create(module + "@" + release + "/" + inside)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write(readFile(t, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return zipped.Bytes()
}

// stranger returns a function that runs commands in a directory as somebody would who has never seen the repository: with a module
// cache of its own, which the made-up release must not leak out of, and that proxy before all others.
func stranger(t *testing.T, proxy, dir string) (run func(command string, args ...string) string) {
	t.Helper()
	environment := func(name string) string {
		out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatalf("go env %s: %v", name, err)
		}
		return strings.TrimSpace(string(out))
	}
	// What the machine has downloaded before is served from there, so that only what is missing is asked of the net.
	proxies := fileURL(proxy) + "," + fileURL(filepath.Join(environment("GOMODCACHE"), "cache", "download")) + "," + environment("GOPROXY")
	env := append(os.Environ(),
		"GOPROXY="+proxies,
		"GOMODCACHE="+t.TempDir(),
		"GOFLAGS=-mod=mod -modcacherw", // the latter so that the directory can be removed
		"GOWORK=off",
		"GOPRIVATE=",
		"GONOPROXY=", // "none" would make a proxy of its own, which finds what the cache has and nothing else
		"GONOSUMDB="+us,
		"PWD="+dir,
	)
	return func(command string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), command, args...)
		cmd.Dir, cmd.Env = dir, env
		var problems bytes.Buffer
		cmd.Stderr = &problems
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", command, strings.Join(args, " "), err, problems.String())
		}
		return string(out)
	}
}

// fileURL returns the URL of a directory, with a slash before a drive's letter.
func fileURL(dir string) string {
	return "file:///" + strings.TrimPrefix(filepath.ToSlash(dir), "/")
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func writeFile(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
