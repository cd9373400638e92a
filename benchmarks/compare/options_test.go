package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOptions(t *testing.T) {
	o, err := parse(nil, new(strings.Builder))
	require.NoError(t, err)
	assert.Equal(t, []int{1, 16, 256}, o.goroutines)
	assert.Equal(t, 10, o.runs)

	o, err = parse([]string{"-goroutines", "2, 3", "-runs", "4", "-time", "1s", "-json", "a", "-plots", "b", "-check", "-path", "x"}, new(strings.Builder))
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, o.goroutines)
	assert.Equal(t, 4, o.runs)
	assert.Equal(t, time.Second, o.about)
	assert.Equal(t, "a", o.json)
	assert.Equal(t, "b", o.plots)
	assert.True(t, o.check)
	assert.Equal(t, "x", o.only.String())

	o, err = parse([]string{"-goroutines", "16,1,16"}, new(strings.Builder))
	require.NoError(t, err)
	assert.Equal(t, []int{16, 1}, o.goroutines, "a column for each")

	o, err = parse([]string{"-quick", "-path", "x"}, new(strings.Builder))
	require.NoError(t, err)
	assert.True(t, o.quick)

	o, err = parse([]string{"-goroutines", ""}, new(strings.Builder))
	require.NoError(t, err)
	assert.Empty(t, o.goroutines)

	for nonsense, says := range map[string]string{
		"-goroutines=0": "1 to 1024", "-goroutines=1025": "1 to 1024", "-goroutines=x": `"x"`, "-path=(": "-path: error parsing regexp: missing closing", "-runs=0": "above zero",
		"-time=0": "above zero", "extra": `"extra"`, "-quick -json=x": "prints", "-quick -runs=3": "-runs does nothing", "-nonsense": "not defined",
	} {
		var said strings.Builder
		_, err := parse(strings.Fields(nonsense), &said)
		require.Error(t, err, nonsense)
		assert.Contains(t, said.String(), says)
	}
}

// Who has no place to write hears of it before minutes are spent, and what there was is still there.
func TestMakeRoom(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "all.json")
	require.NoError(t, os.WriteFile(file, []byte("before"), 0o600))
	require.NoError(t, options{json: file, plots: filepath.Join(dir, "a", "b")}.makeRoom())
	assert.DirExists(t, filepath.Join(dir, "a", "b"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "before", string(text))

	var said strings.Builder
	for flag, o := range map[string]options{"-json": {json: filepath.Join(dir, "none", "x")}, "-plots": {plots: file}} {
		_, err := run(o, &said, &progress{out: &said}) // which would panic if it came to measuring
		assert.ErrorContains(t, err, flag)
	}
	assert.Empty(t, said.String())
}

func TestPlan(t *testing.T) {
	o, err := parse([]string{"-path", "^(breaker|keys)"}, new(strings.Builder))
	require.NoError(t, err)
	all := plan(o, 2)
	var names []string
	for _, task := range all.paths {
		names = append(names, task.path.Name)
	}
	assert.Equal(t, []string{"breaker", "breaker-contended", "breaker-open"}, names)
	type load struct {
		path              string
		cores, goroutines int
	}
	var crowds []load
	for _, task := range all.crowds {
		crowds = append(crowds, load{task.path.Name, task.cores, goroutines(task)})
		assert.Zero(t, task.path.Gate)
	}
	assert.Equal(t, []load{
		{"breaker", 1, 1}, {"breaker", 1, 16}, {"breaker", 1, 256}, {"breaker", 2, 1}, {"breaker", 2, 16}, {"breaker", 2, 256},
		{"breaker-open", 1, 1}, {"breaker-open", 1, 16}, {"breaker-open", 1, 256}, {"breaker-open", 2, 1}, {"breaker-open", 2, 16}, {"breaker-open", 2, 256},
	}, crowds)
	assert.Equal(t, 6, all.points())
	assert.Len(t, all.weights, 1)
	require.NoError(t, all.any(o))
	assert.Len(t, plan(o, 1).crowds, 6)

	o, err = parse([]string{"-path", "nothing"}, new(strings.Builder))
	require.NoError(t, err)
	assert.ErrorIs(t, plan(o, 2).any(o), errNothing)
}
