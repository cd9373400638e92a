package ductilegrpc_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/standard"
)

// The page's lines about gRPC.
func Example() {
	const target = "dns:///inventory:443"
	credentials := grpc.WithTransportCredentials(insecure.NewCredentials())

	// A connection: a breaker and a bulkhead for each method, and retries of those that may be called twice.
	client := ductilegrpc.NewKeyedClient(keyed.New(func(method string) *ductile.Pipeline {
		return standard.Client("inventory")
	}), ductilegrpc.Methods(ductilegrpc.NoSideEffects, "/shop.Inventory/Get"))
	conn, err := grpc.NewClient(target, append(client.DialOptions(), credentials)...)

	// A server that refuses what it cannot serve, and says when to come back where it knows:
	server := grpc.NewServer(ductilegrpc.NewServer(standard.Server("inventory")).ServerOptions()...)

	fmt.Println(conn.Target(), err, server != nil)
	// Output:
	// dns:///inventory:443 <nil> true
}

// What README.md shows of gRPC is code that compiles.
func TestTheReadmeIsTheProgram(t *testing.T) {
	page, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("readme_example_test.go")
	require.NoError(t, err)
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	found := false
	for block := range strings.SplitSeq(string(page), "```") {
		if strings.HasPrefix(block, "go\n") && strings.Contains(block, "ductilegrpc.") {
			found = true
			assert.Contains(t, words(string(program)), words(strings.TrimPrefix(block, "go\n")))
		}
	}
	assert.True(t, found)
}
