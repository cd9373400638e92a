package ductilegrpc_test

import (
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/ductilegrpc"
)

var registered atomic.Int32

// register makes known a service with a method of each level, and returns its name.
func register(t *testing.T) string {
	t.Helper()
	n := strconv.Itoa(int(registered.Add(1)))
	method := func(name string, level *descriptorpb.MethodOptions_IdempotencyLevel) *descriptorpb.MethodDescriptorProto {
		m := &descriptorpb.MethodDescriptorProto{Name: &name, InputType: new(".described" + n + ".M"), OutputType: new(".described" + n + ".M")}
		if level != nil {
			m.Options = &descriptorpb.MethodOptions{IdempotencyLevel: level}
		}
		return m
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: new("described" + n + ".proto"), Package: new("described" + n), Syntax: new("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: new("M")}},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: new("S"), Method: []*descriptorpb.MethodDescriptorProto{
			method("Silent", nil),
			method("Unknown", descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN.Enum()),
			method("Idempotent", descriptorpb.MethodOptions_IDEMPOTENT.Enum()),
			method("NoSideEffects", descriptorpb.MethodOptions_NO_SIDE_EFFECTS.Enum()),
		}}},
	}, protoregistry.GlobalFiles)
	require.NoError(t, err)
	require.NoError(t, protoregistry.GlobalFiles.RegisterFile(file))
	return "/described" + n + ".S/"
}

// What is done with a call tells what it is taken for: copies, a repeat, or neither.
func takenFor(t *testing.T, method string, options []ductilegrpc.ClientOption, of ...grpc.CallOption) ductilegrpc.Idempotency {
	t.Helper()
	attempts := func(p ductile.Composed) int32 {
		var n atomic.Int32
		c := ductilegrpc.NewClient(p, options...)
		_ = c.Unary(t.Context(), method, new(testpb.SimpleRequest), new(testpb.SimpleResponse), nil, invoker(func(*call) error {
			n.Add(1)
			return errUnavailable
		}), of...)
		return n.Load()
	}
	repeated, copied := attempts(ductile.New("test", eager())) > 1, attempts(hedged(1<<40, 1)) > 1
	switch {
	case copied && repeated:
		return ductilegrpc.NoSideEffects
	case repeated:
		return ductilegrpc.Idempotent
	default:
		assert.False(t, copied)
		return ductilegrpc.Unknown
	}
}

// The option Is beats Methods, which beats the descriptor; a method's name beats that of its service.
func TestWhatAMethodIs(t *testing.T) {
	const unknown, idempotent, noSideEffects = ductilegrpc.Unknown, ductilegrpc.Idempotent, ductilegrpc.NoSideEffects
	s := register(t)
	type options = []ductilegrpc.ClientOption
	is := ductilegrpc.Methods
	for _, row := range []struct {
		name    string
		method  string
		options options
		call    []grpc.CallOption
		want    ductilegrpc.Idempotency
	}{
		{"a method without a descriptor", "/no.Such/Method", nil, nil, unknown},
		{"no level", s + "Silent", nil, nil, unknown},
		{"unknown", s + "Unknown", nil, nil, unknown},
		{"idempotent", s + "Idempotent", nil, nil, idempotent},
		{"no side effects", s + "NoSideEffects", nil, nil, noSideEffects},
		{"a method that the service has not", s + "None", nil, nil, unknown},
		{"a message, which is no service", s[:len(s)-2] + "M/Idempotent", nil, nil, unknown},
		{"the user's word", s + "Silent", options{is(noSideEffects, s+"Silent")}, nil, noSideEffects},
		{"against the descriptor's", s + "NoSideEffects", options{is(unknown, s+"NoSideEffects")}, nil, unknown},
		{"of the service", s + "NoSideEffects", options{is(idempotent, s)}, nil, idempotent},
		{"of both", s + "Silent", options{is(idempotent, s), is(noSideEffects, s+"Silent")}, nil, noSideEffects},
		{"of another service", s + "Silent", options{is(noSideEffects, "/x.Y/")}, nil, unknown},
		{"for the call", s + "Silent", options{is(idempotent, s)}, []grpc.CallOption{ductilegrpc.Is(noSideEffects)}, noSideEffects},
		{"for the call, against all", s + "NoSideEffects", options{is(noSideEffects, s)}, []grpc.CallOption{ductilegrpc.Is(unknown)}, unknown},
		{"for the call, twice", s + "Silent", nil, []grpc.CallOption{ductilegrpc.Is(unknown), ductilegrpc.Is(idempotent)}, idempotent},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, takenFor(t, row.method, row.options, row.call...))
		})
	}
	for _, odd := range []string{"", "/", "//", "a", "/a", "a/b", "/a/b/c", "/..../", "/grpc.testing.TestService/", "grpc.testing.TestService.UnaryCall"} {
		assert.Equal(t, unknown, takenFor(t, odd, nil), odd)
	}
}

// A file that is made known after the client was made is known.
func TestADescriptorThatComesLater(t *testing.T) {
	c := ductilegrpc.NewClient(ductile.New("test", eager()))
	s, attempts := register(t), 0
	_ = c.Unary(t.Context(), s+"Idempotent", new(testpb.SimpleRequest), new(testpb.SimpleResponse), nil, invoker(func(*call) error {
		attempts++
		return errUnavailable
	}))
	assert.Equal(t, 3, attempts)
}

func TestIdempotencyInWords(t *testing.T) {
	assert.Equal(t, "unknown", ductilegrpc.Unknown.String())
	assert.Equal(t, "idempotent", ductilegrpc.Idempotent.String())
	assert.Equal(t, "no side effects", ductilegrpc.NoSideEffects.String())
	assert.Equal(t, "no level", ductilegrpc.Idempotency(7).String())
}
