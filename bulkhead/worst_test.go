package bulkhead_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ductile-go/ductile/bulkhead"
)

func TestWorst(t *testing.T) {
	atOnce, wait := bulkhead.New(7).Worst()
	assert.Equal(t, 7, atOnce)
	assert.Zero(t, wait)
	atOnce, wait = bulkhead.New(7, bulkhead.Queue(3, time.Second)).Worst()
	assert.Equal(t, 7, atOnce, "who waits is not in")
	assert.Equal(t, time.Second, wait)
}
