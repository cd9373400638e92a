package ductilehttp_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilehttp"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/standard"
)

// The page's lines about HTTP.
func Example() {
	client, handler := new(http.Client), http.NotFoundHandler()

	// A client that you have:
	client.Transport = ductilehttp.NewTransport(client.Transport, standard.Client("inventory"))

	// One that talks to many hosts: a breaker for each, so that one's fault stays with it.
	client.Transport = ductilehttp.NewKeyedTransport(client.Transport, keyed.New(func(host string) *ductile.Pipeline {
		return standard.Client("upstream")
	}))

	// A server that refuses what it cannot serve, while refusing is cheap:
	handler = ductilehttp.Handler(handler, standard.Server("checkout", standard.Bulkhead(64)))

	fmt.Println(client.Transport != nil, handler != nil)
	// Output:
	// true true
}

// What README.md shows of HTTP is code that compiles.
func TestTheReadmeIsTheProgram(t *testing.T) {
	page, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("readme_example_test.go")
	require.NoError(t, err)
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	found := false
	for block := range strings.SplitSeq(string(page), "```") {
		if strings.HasPrefix(block, "go\n") && strings.Contains(block, "ductilehttp.") {
			found = true
			assert.Contains(t, words(string(program)), words(strings.TrimPrefix(block, "go\n")))
		}
	}
	assert.True(t, found)
}
