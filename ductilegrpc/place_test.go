package ductilegrpc_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A place is where nobody listens until the test does. It is a socket of the file system, since a port of TCP that was given back may be
// somebody else's a moment later.
type place string

func newPlace(t *testing.T) place {
	t.Helper()
	dir, err := os.MkdirTemp("", "ductile") //nolint:usetesting // the path of t.TempDir may be longer than a socket's may
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return place(filepath.Join(dir, "socket"))
}

func (p place) target() string { return "unix:" + string(p) }

func (p place) listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("unix", string(p)) //nolint:noctx // it is at once
	assert.NoError(t, err)
	return l
}
