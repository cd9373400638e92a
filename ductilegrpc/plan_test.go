package ductilegrpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/ductiletest"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/hedge"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/retry"
	"github.com/ductile-go/ductile/standard"
	"github.com/ductile-go/ductile/timeout"
)

// warned returns the warnings of a plan, by their codes.
func warned(p ductile.Plan) (codes []string) {
	for _, w := range p.Warnings {
		codes = append(codes, w.Code)
	}
	return codes
}

func TestThePlanOfAClient(t *testing.T) {
	total, each := timeout.New(20*time.Second, timeout.Name("total")), timeout.New(time.Second)
	asked := timeout.From(func(context.Context) time.Duration { return 0 }, timeout.Name("asked"))
	one := ductilegrpc.Fallback("/s/m", func(context.Context, *testpb.SimpleRequest, error) (*testpb.SimpleResponse, error) { return nil, nil })
	type policies = []ductile.Policy
	for name, row := range map[string]struct {
		policies
		calls, streams []string
	}{
		"each attempt limited": {policies{total, retry.New(), each}, nil, []string{"timeout-around-streams", "timeout-around-streams"}},
		"no attempt limited": {
			policies{total, retry.New()}, []string{"attempt-without-timeout"}, []string{"attempt-without-timeout", "timeout-around-streams"},
		},
		"no timeout":            {policies{bulkhead.New(8)}, []string{"no-deadline"}, []string{"no-deadline"}},
		"one that is asked":     {policies{asked}, nil, []string{"timeout-around-streams"}},
		"a fallback of nothing": {policies{fallback.Run(func(context.Context, error) error { return nil }), asked}, []string{"fallback-type"}, []string{"fallback-type", "timeout-around-streams"}},
		"of a method":           {policies{one, asked}, nil, []string{"timeout-around-streams"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ductile.New("p", row.policies...)
			c := ductilegrpc.NewClient(p)
			assert.Equal(t, row.calls, warned(c.Plan()))
			assert.Equal(t, row.streams, warned(c.StreamPlan()))
			apart := ductilegrpc.NewClient(ductile.New("calls", each), ductilegrpc.Streams(p))
			assert.Empty(t, warned(apart.Plan()))
			assert.Equal(t, row.streams, warned(apart.StreamPlan()), "of streams, that of the option")
		})
	}
	w := ductilegrpc.NewClient(ductile.New("p", each, asked)).StreamPlan().Warnings
	assert.Equal(t, `"timeout" ends every stream after 1s, however well it goes.`, w[0].Text)
	assert.Equal(t, `"asked" ends every stream after the time that it allows, however well it goes.`, w[1].Text)
}

// Each note is there where it says something.
func TestTheNotesOfAClient(t *testing.T) {
	const (
		twice = "a method that nobody said is safe to call twice (its idempotency_level, the option Methods, or Is with the call) is sent once: " +
			"further attempts are made only where the call never left or was refused unprocessed, and it has no copies."
		stream = "a stream of a method that nobody said is safe to call twice (its idempotency_level, the option Methods, or Is with the call) is sent once: " +
			"further attempts are made only where the stream never left or was refused unprocessed, and it has no copies."
		same = "streams go through the same pipeline: StreamPlan says what becomes of them."
		long = "a stream is one call from its start to its end, and holds its permits for as long; it is repeated only until its first message."
	)
	plain, repeats, copies := ductile.New("p"), ductile.New("p", retry.New()), ductile.NewConcurrent("p", hedge.New())
	assert.Equal(t, []string{same}, ductilegrpc.NewClient(plain).Plan().Notes)
	assert.Equal(t, []string{twice, same}, ductilegrpc.NewClient(repeats).Plan().Notes)
	assert.Equal(t, []string{twice, same}, ductilegrpc.NewClient(copies).Plan().Notes)
	assert.Equal(t, []string{twice}, ductilegrpc.NewClient(repeats, ductilegrpc.Streams(plain)).Plan().Notes)
	assert.Equal(t, []string{long}, ductilegrpc.NewClient(repeats, ductilegrpc.Streams(plain)).StreamPlan().Notes)
	assert.Equal(t, []string{stream, long}, ductilegrpc.NewClient(repeats).StreamPlan().Notes)
}

// The ready pipelines have nothing to warn of, and a keyed client or server plans with the pipeline of the empty key.
func TestThePlanOfStandardPipelines(t *testing.T) {
	ductiletest.NoWarnings(t, ductilegrpc.NewClient(standard.Client("inventory")))
	ductiletest.NoWarnings(t, ductilegrpc.NewServer(standard.Server("shop")))
	clients := keyed.New(func(key string) *ductile.Pipeline {
		assert.Empty(t, key)
		return standard.Client("inventory")
	})
	ductiletest.NoWarnings(t, ductilegrpc.NewKeyedClient(clients))
	ductiletest.NoWarnings(t, ductiletest.PlannerFunc(ductilegrpc.NewKeyedClient(clients).StreamPlan), ductilegrpc.WarnTimeoutAroundStreams)
	servers := keyed.New(func(string) *ductile.Pipeline { return ductile.New("method", bulkhead.New(8)) })
	ductiletest.NoWarnings(t, ductilegrpc.NewKeyedServer(servers), ductile.WarnNoDeadline)
	assert.Len(t, ductilegrpc.NewKeyedServer(servers).Plan().Notes, 1)
}
