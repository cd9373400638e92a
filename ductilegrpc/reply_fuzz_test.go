package ductilegrpc

import (
	"testing"

	"github.com/stretchr/testify/require"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/structpb"
)

// A reply that is moved is the reply that it was, whatever came over the wire.
func FuzzMove(f *testing.F) {
	for _, m := range messages(f) {
		data, err := proto.MarshalOptions{AllowPartial: true}.Marshal(m)
		require.NoError(f, err)
		f.Add(data, data)
	}
	partial := proto.UnmarshalOptions{AllowPartial: true}
	f.Fuzz(func(t *testing.T, before, data []byte) {
		for _, kind := range []proto.Message{
			new(testpb.SimpleResponse), new(structpb.Struct), new(descriptorpb.FileDescriptorProto), new(descriptorpb.FeatureSet),
		} {
			from, to := proto.Clone(kind), proto.Clone(kind)
			_ = partial.Unmarshal(before, to)
			if partial.Unmarshal(data, from) != nil {
				continue
			}
			want := proto.Clone(from)
			take(to, from)
			require.True(t, proto.Equal(want, to))
			deterministic := proto.MarshalOptions{AllowPartial: true, Deterministic: true}
			a, err := deterministic.Marshal(want)
			require.NoError(t, err)
			b, err := deterministic.Marshal(to)
			require.NoError(t, err)
			require.Equal(t, a, b)
		}
	})
}
