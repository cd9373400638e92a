package ductilegrpc_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/breaker"
	"github.com/ductile-go/ductile/bulkhead"
	"github.com/ductile-go/ductile/ductilegrpc"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/keyed"
	"github.com/ductile-go/ductile/retry"
)

func serverPipeline(policies ...ductile.Policy) *ductile.Pipeline {
	return ductile.New("secret pipeline", policies...)
}

// What makes no sense is refused where the server is made.
func TestServerRefusesNonsense(t *testing.T) {
	p, set := serverPipeline(), keyed.New(func(string) *ductile.Pipeline { return serverPipeline() })
	key := ductilegrpc.ServerKey(func(context.Context, string) string { return "" })
	of := func(options ...ductilegrpc.ServerOption) func() {
		return func() { ductilegrpc.NewServer(p, options...) }
	}
	ofKeyed := func(options ...ductilegrpc.ServerOption) func() {
		return func() { ductilegrpc.NewKeyedServer(set, options...) }
	}
	names := `the full name of a method, as "/shop.Inventory/Get", or of a service, as "/shop.Inventory/"`
	for want, nonsense := range map[string]func(){
		"ductilegrpc: NewServer was given a nil pipeline: make one by ductile.New":                 func() { ductilegrpc.NewServer(nil) },
		"ductilegrpc: NewKeyedServer was given a nil set of pipelines: make one by keyed.New":      func() { ductilegrpc.NewKeyedServer(nil) },
		"ductilegrpc: option 1 is nil: leave it out instead":                                       of(nil),
		"ductilegrpc: ClassifyServer(nil): must be a function from a status to its class":          of(ductilegrpc.ClassifyServer(nil)),
		"ductilegrpc: ServerKey(nil): must be a function from a context and a method to the key":   ofKeyed(ductilegrpc.ServerKey(nil)),
		"ductilegrpc: OnReject(nil): must be a function from a refusal to what the call ends with": of(ductilegrpc.OnReject(nil)),
		`ductilegrpc: Exempt("Get"): must be ` + names:                                             of(ductilegrpc.Exempt("/a.B/", "Get")),

		"ductilegrpc: ServerKey(…): must be left out of NewServer, which has one pipeline for all calls: see " +
			"NewKeyedServer": of(key),
		`ductilegrpc: NewServer: pipeline "secret pipeline": policy 2 ("retry", a *retry.Policy) repeats calls, and a server leaves that to its callers: ` +
			`put it around what the handler calls`: func() { serverOf(breaker.New(), retry.New()) },
		`ductilegrpc: NewServer: pipeline "secret pipeline": policy 1 ("fallback", a *fallback.Policy) answers in place of the handler, ` +
			`and knows no type of reply: write another answer by OnReject`: func() { serverOf(fallback.Value(1)) },
	} {
		assert.PanicsWithError(t, want, nonsense)
	}
	require.NoError(t, ductilegrpc.ValidateServer())
	require.NoError(t, ductilegrpc.ValidateServer(key, ductilegrpc.Exempt()))
	err := ductilegrpc.ValidateServer(ductilegrpc.OnReject(nil), ductilegrpc.ClassifyServer(nil))
	require.ErrorContains(t, err, "OnReject")
	require.ErrorContains(t, err, "ClassifyServer")
}

// Every code means what the table says, and an unknown one is a failure.
func TestServerClass(t *testing.T) {
	want := map[codes.Code]fault.Class{
		codes.OK: fault.ClassSuccess, codes.Canceled: fault.ClassIgnored, codes.Unknown: fault.ClassTransient, codes.InvalidArgument: fault.ClassSuccess,
		codes.DeadlineExceeded: fault.ClassTimeout, codes.NotFound: fault.ClassSuccess, codes.AlreadyExists: fault.ClassSuccess,
		codes.PermissionDenied: fault.ClassSuccess, codes.ResourceExhausted: fault.ClassSuccess, codes.FailedPrecondition: fault.ClassSuccess,
		codes.Aborted: fault.ClassSuccess, codes.OutOfRange: fault.ClassSuccess, codes.Unimplemented: fault.ClassSuccess,
		codes.Internal: fault.ClassTransient, codes.Unavailable: fault.ClassTransient, codes.DataLoss: fault.ClassTransient,
		codes.Unauthenticated: fault.ClassSuccess, codes.Code(17): fault.ClassTransient, codes.Code(1 << 31): fault.ClassTransient,
	}
	for code, class := range want {
		assert.Equal(t, class, ductilegrpc.ServerClass(status.New(code, "")), code)
	}
	for code := range codes.Unauthenticated + 1 {
		assert.Contains(t, want, code)
	}
}

// Policies hear of the class, whether the status is the error, within it, or what gRPC will make of it; and of the user's opinion where there
// is one.
func TestServerClassifies(t *testing.T) {
	failure, answer, nothing := breaker.Counts{Calls: 1, Failures: 1, Consecutive: 1}, breaker.Counts{Calls: 1}, breaker.Counts{}
	exhausted := status.Error(codes.ResourceExhausted, "disk full")
	mine := ductilegrpc.ClassifyServer(func(s *status.Status) fault.Class {
		if s.Code() == codes.ResourceExhausted {
			assert.Equal(t, "disk full", s.Message())
			return fault.ClassOverload
		}
		return ductilegrpc.ServerClass(s)
	})
	for _, test := range []struct {
		end    error
		counts breaker.Counts
		option ductilegrpc.ServerOption
	}{
		{nil, answer, nil},
		{errors.New("plain"), failure, nil},
		{context.DeadlineExceeded, failure, nil},
		{context.Canceled, nothing, nil},
		{exhausted, answer, nil},
		{exhausted, failure, mine},
		{status.Error(codes.NotFound, ""), answer, mine},
		{errors.Join(errors.New("plain"), status.Error(codes.NotFound, "")), answer, nil},
		{errors.Join(errors.New("plain"), status.Error(codes.Internal, "")), failure, nil},
	} {
		tally := breaker.New()
		var options []ductilegrpc.ServerOption
		if test.option != nil {
			options = append(options, test.option)
		}
		_, err := ductilegrpc.NewServer(serverPipeline(tally), options...).Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unaryCall},
			func(context.Context, any) (any, error) { return nil, test.end })
		assert.Equal(t, test.end, err)
		assert.Equal(t, test.counts, tally.Snapshot().Counts, "%v", test.end)
	}
}

// Where the time is up, a context's error is of that, by whichever context the handler had it; and what is no failure to the user is none.
func TestServerClassifiesTheLate(t *testing.T) {
	plain := errors.New("plain")
	for _, test := range []struct {
		end  error
		left error
		code codes.Code
	}{
		{context.Canceled, context.DeadlineExceeded, codes.DeadlineExceeded},
		{context.DeadlineExceeded, context.DeadlineExceeded, codes.DeadlineExceeded},
		{plain, context.DeadlineExceeded, codes.Unknown},
		{context.Canceled, context.Canceled, codes.Canceled},
		{context.DeadlineExceeded, context.Canceled, codes.DeadlineExceeded},
		{plain, context.Canceled, codes.Unknown},
		{context.Canceled, nil, codes.Canceled},
	} {
		seen := codes.OK
		s := ductilegrpc.NewServer(serverPipeline(), ductilegrpc.ClassifyServer(func(s *status.Status) fault.Class {
			seen = s.Code()
			return fault.ClassSuccess
		}))
		var left error
		_, err := s.Unary(endsBy{t.Context(), &left}, nil, &grpc.UnaryServerInfo{FullMethod: unaryCall}, func(context.Context, any) (any, error) {
			left = test.left
			return nil, test.end
		})
		assert.Equal(t, test.end, err)
		assert.Equal(t, test.code, seen, "%v %v", test.end, test.left)
	}
}

// endsBy is a context that ends when a test says so.
type endsBy struct {
	context.Context
	err *error
}

func (e endsBy) Err() error { return *e.err }

// A policy that judges by itself has the handler's own error, and the status.
func TestServerShowsPoliciesTheError(t *testing.T) {
	plain, seen := errors.New("plain"), false
	tally := breaker.New(breaker.Classify(func(err error) fault.Class {
		seen = true
		require.ErrorIs(t, err, plain)
		assert.Equal(t, codes.Unknown, status.Code(fault.Original(err)))
		assert.EqualError(t, err, "plain")
		return fault.ClassPermanent
	}))
	_, err := serverOf(tally).Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unaryCall},
		func(context.Context, any) (any, error) { return nil, plain })
	assert.Same(t, plain, err)
	assert.True(t, seen)
	assert.Equal(t, breaker.Counts{Calls: 1}, tally.Snapshot().Counts)
}

// Health checks of both kinds are served while the server is full, unless told otherwise; and so is what else is exempt.
func TestServerExempts(t *testing.T) {
	const healthService = "/grpc.health.v1.Health/"
	for _, test := range []struct {
		name                  string
		options               []ductilegrpc.ServerOption
		health, unary, stream bool // served
	}{
		{"by default", nil, true, false, false},
		{"nothing", []ductilegrpc.ServerOption{ductilegrpc.Exempt()}, false, false, false},
		{"a method", []ductilegrpc.ServerOption{ductilegrpc.Exempt(unaryCall)}, false, true, false},
		{"a service", []ductilegrpc.ServerOption{ductilegrpc.Exempt("/grpc.testing.TestService/")}, false, true, true},
		{"several", []ductilegrpc.ServerOption{ductilegrpc.Exempt(outputCall), ductilegrpc.Exempt(healthService)}, true, false, true},
		{"its beginning is another", []ductilegrpc.ServerOption{ductilegrpc.Exempt("/grpc.testing.Test/", unaryCall+"s")}, false, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			full := bulkhead.New(1)
			_, err := full.Acquire(t.Context())
			require.NoError(t, err)
			server := ductilegrpc.NewServer(serverPipeline(full), test.options...)
			conn := shopDoing(func(context.Context) error { return nil }).openWithHealth(t, server.ServerOptions()...).connect(t, nil)
			client, checks := testpb.NewTestServiceClient(conn), healthpb.NewHealthClient(conn)
			served := func(err error) bool {
				assert.Contains(t, []codes.Code{codes.OK, codes.Unavailable}, status.Code(err))
				return err == nil
			}
			_, err = checks.Check(t.Context(), &healthpb.HealthCheckRequest{})
			assert.Equal(t, test.health, served(err))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			watch, err := checks.Watch(ctx, &healthpb.HealthCheckRequest{})
			require.NoError(t, err)
			_, err = watch.Recv()
			assert.Equal(t, test.health, served(err))
			_, err = kindsOfCall()[0].call(t.Context(), client)
			assert.Equal(t, test.unary, served(err))
			_, err = kindsOfCall()[1].call(t.Context(), client)
			assert.Equal(t, test.stream, served(err))
		})
	}
}

// A method of no service is no exempt one, and breaks nothing.
func TestServerOddMethods(t *testing.T) {
	full := bulkhead.New(1)
	_, err := full.Acquire(t.Context())
	require.NoError(t, err)
	reply := func(context.Context, any) (any, error) { return nil, nil }
	for _, method := range []string{"", "/", "x", "//", "grpc.health.v1.Health/Check", "/grpc.health.v1.Health", strings.Repeat("/", 1000)} {
		_, err := serverOf(full).Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: method}, reply)
		require.ErrorIs(t, err, bulkhead.ErrFull, method)
	}
}
