package ductiletest

import (
	"go/build"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a finding quotes must be what the documentation of Go says: of the Go that runs this test.
func TestRoundTripperQuotations(t *testing.T) {
	docs := map[string]string{}
	quotation := regexp.MustCompile(`([\w/]+)\.(\w+(?:\.\w+)*): "([^"]+)"`)
	for _, p := range pledges() {
		quoted := quotation.FindAllStringSubmatch(p.owed, -1)
		require.NotEmpty(t, quoted, "quotes nobody: %s", p.owed)
		for _, q := range quoted {
			if docs[q[1]] == "" {
				docs[q[1]] = documentation(t, filepath.Join(build.Default.GOROOT, "src", filepath.FromSlash(q[1])))
			}
			assert.Contains(t, docs[q[1]], q[3], "as the documentation of %s.%s", q[1], q[2])
			assert.Contains(t, docs[q[1]], q[2])
		}
	}
}

// A promise is told by its name, in the table of a command and after -run.
func TestPledgesHaveNames(t *testing.T) {
	names := map[string]bool{}
	for _, p := range pledges() {
		assert.NotEmpty(t, p.name)
		assert.False(t, names[p.name], "twice: %s", p.name)
		assert.NotContains(t, p.name, "/", "which -run takes for two")
		names[p.name] = true
		assert.Equal(t, len(p.over) == 1 && p.over[0] != none, p.why != "", "%s: why only there", p.name)
		assert.Equal(t, strings.ToLower(p.name[:1]), p.name[:1], p.name)
	}
}
