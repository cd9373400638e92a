package ductilegrpctest

import (
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a finding quotes must be what the documentation of gRPC-Go says: of the version that this test is built with. The texts of A6 and AIP-194 are
// not at hand.
func TestQuotations(t *testing.T) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/grpc").Output()
	require.NoError(t, err)
	root := strings.TrimSpace(string(dir))
	var all strings.Builder
	for _, pattern := range []string{"*.go", "status/*.go", "codes/*.go", "metadata/*.go", "Documentation/concurrency.md"} {
		all.WriteString(prose(t, filepath.Join(root, pattern)))
	}
	texts := all.String()
	builtin := prose(t, filepath.Join(build.Default.GOROOT, "src", "builtin", "builtin.go"))
	quotation := regexp.MustCompile(`([\w./-]+(?:, \w+\.go)?): ("[^"]+"(?: "[^"]+")*)`)
	for _, p := range pledges() {
		quoted := quotation.FindAllStringSubmatch(p.owed, -1)
		require.NotEmpty(t, quoted, "quotes nobody: %s", p.owed)
		for _, q := range quoted {
			in := texts
			switch {
			case q[1] == "A6" || q[1] == "AIP-194":
				continue
			case strings.HasPrefix(q[1], "builtin."):
				in = builtin
			}
			for sentence := range strings.SplitSeq(strings.Trim(q[2], `"`), `" "`) {
				assert.Contains(t, in, sentence, "as the documentation of %s", q[1])
			}
		}
	}
}

// prose returns what files say, without the marks of comments and the ends of lines.
func prose(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, names, pattern)
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			all.WriteString(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "//")) + " ")
		}
	}
	return regexp.MustCompile(` +`).ReplaceAllString(all.String(), " ")
}

// A promise is told by its name, in the table of a command and after -run.
func TestPledgesHaveNames(t *testing.T) {
	names := map[string]bool{}
	for _, p := range pledges() {
		assert.NotEmpty(t, p.name)
		assert.False(t, names[p.name], "twice: %s", p.name)
		assert.NotContains(t, p.name, "/", "which -run takes for two")
		assert.Equal(t, strings.ToLower(p.name[:1]), p.name[:1], p.name)
		names[p.name] = true
	}
	all := pledges()
	assert.Equal(t, passesOn, all[len(all)-1].name, "it may end the program")
	assert.Equal(t, handsOnReply, all[0].name, "it says whether the others mean anything")
}
