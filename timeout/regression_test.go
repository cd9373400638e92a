package timeout_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/timeout"
)

// The error said that it was a net.Error, and had no method Temporary, so that it was none: whoever looked for a timeout in the usual
// way, by errors.As with a net.Error, found one only where the function had returned one.
func TestBugTheErrorWasNoNetError(t *testing.T) {
	err := fmt.Errorf("get: %w", timeout.New(time.Second).Exceeded(time.Second, errDown))
	var found net.Error
	require.ErrorAs(t, err, &found)
	assert.True(t, found.Timeout())
	temporary, ok := found.(interface{ Temporary() bool })
	assert.True(t, ok && temporary.Temporary(), "as context.DeadlineExceeded is")
}
