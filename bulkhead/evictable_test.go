package bulkhead_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile/bulkhead"
)

// A bulkhead can be forgotten while nobody is in it.
func TestEvictable(t *testing.T) {
	b := bulkhead.New(2)
	assert.True(t, b.Evictable(false))
	token, err := b.Acquire(context.Background())
	require.NoError(t, err)
	assert.False(t, b.Evictable(false))
	assert.False(t, b.Evictable(true))
	b.Release(token, nil)
	assert.True(t, b.Evictable(false))
}
