package ductilegrpc

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/gofeaturespb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// messages are of every kind that there is: scalars with and without presence, oneofs, maps, lists, extensions, unknown fields, required ones that
// are missing, and types that are only known at run time.
func messages(t testing.TB) map[string]proto.Message {
	t.Helper()
	tree, err := structpb.NewStruct(map[string]any{"a": 1, "b": []any{"x", nil, true}, "c": map[string]any{"d": "e"}, "": nil})
	require.NoError(t, err)
	unknown := &testpb.SimpleResponse{Username: "me"}
	unknown.ProtoReflect().SetUnknown(protoreflect.RawFields{0xf8, 0x7f, 0x01})
	inner := proto.CloneOf(unknown)
	inner.Payload = &testpb.Payload{}
	inner.Payload.ProtoReflect().SetUnknown(protoreflect.RawFields{0xf8, 0x7f, 0x02})
	extended := new(descriptorpb.FeatureSet)
	proto.SetExtension(extended, gofeaturespb.E_Go, &gofeaturespb.GoFeatures{LegacyUnmarshalJsonEnum: new(false)})
	file := protoToFile(testpb.File_grpc_testing_messages_proto)
	all := map[string]proto.Message{
		"empty":               new(testpb.SimpleResponse),
		"scalars":             &testpb.SimpleResponse{Username: "me", OauthScope: "all", Payload: &testpb.Payload{Type: 99, Body: []byte("body")}},
		"an empty message":    &testpb.SimpleResponse{Payload: new(testpb.Payload)},
		"unknown fields":      unknown,
		"unknown ones inside": inner,
		"oneofs and maps":     tree,
		"lists":               file,
		"presence":            &descriptorpb.FieldDescriptorProto{Name: new(""), Number: new(int32(0)), Proto3Optional: new(false)},
		"an extension":        extended,
		"required ones":       &descriptorpb.UninterpretedOption{Name: []*descriptorpb.UninterpretedOption_NamePart{{}}},
		"a wrapper":           wrapperspb.Bytes(nil),
	}
	for name, m := range maps.Clone(all) {
		dynamic := dynamicpb.NewMessage(m.ProtoReflect().Descriptor())
		proto.Merge(dynamic, m)
		all[name+", dynamic"] = dynamic
	}
	return all
}

func protoToFile(file protoreflect.FileDescriptor) proto.Message {
	p := &descriptorpb.FileDescriptorProto{Name: new(file.Path())}
	for i := range file.Messages().Len() {
		p.MessageType = append(p.MessageType, &descriptorpb.DescriptorProto{Name: new(string(file.Messages().Get(i).Name()))})
	}
	return p
}

// Whatever a reply was before, it is afterwards what the attempt's was; and so is a fallback's answer, which stays as it is.
func TestRepliesOfAllKinds(t *testing.T) {
	all := messages(t)
	for name, m := range all {
		for before, old := range all {
			if old.ProtoReflect().Type() != m.ProtoReflect().Type() {
				continue
			}
			want, to := proto.Clone(m), proto.Clone(old)
			from, ok := another(to).(proto.Message)
			require.True(t, ok)
			require.IsType(t, to, from)
			require.True(t, proto.Equal(m.ProtoReflect().New().Interface(), from), "it is empty")
			proto.Merge(from, m)
			take(to, from)
			assert.True(t, proto.Equal(want, to), "%s over %s", name, before)

			to = proto.Clone(old)
			require.NoError(t, give("/m", to, m))
			assert.True(t, proto.Equal(want, to), "%s over %s", name, before)
			proto.Reset(to)
			spoilBytes(to)
			assert.True(t, proto.Equal(want, m), "%s is the fallback's", name)
		}
	}
}

func spoilBytes(m proto.Message) {
	m.ProtoReflect().Range(func(_ protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if b, ok := v.Interface().([]byte); ok {
			clear(b)
		}
		return true
	})
}

// What a fallback answers is not shared, however deep.
func TestAnAnswerIsNotShared(t *testing.T) {
	answer := &testpb.SimpleResponse{Payload: &testpb.Payload{Body: []byte("body")}}
	to := new(testpb.SimpleResponse)
	require.NoError(t, give("/m", to, answer))
	to.Payload.Body[0] = 'x'
	to.Payload.Type = 7
	assert.True(t, proto.Equal(&testpb.SimpleResponse{Payload: &testpb.Payload{Body: []byte("body")}}, answer))
}

// old is a message of the first API, which has no reflection.
type old struct {
	Name  string `protobuf:"bytes,1,opt,name=name"`
	Inner *old   `protobuf:"bytes,2,opt,name=inner"`
}

func (o *old) Reset()         { *o = old{} }
func (o *old) String() string { return o.Name }
func (*old) ProtoMessage()    {}

var _ protoadapt.MessageV1 = (*old)(nil)

func TestRepliesThatAreNoProtocolBuffers(t *testing.T) {
	one := &old{Name: "one", Inner: &old{Name: "in"}}
	for _, row := range []struct{ to, from any }{
		{&old{Name: "before", Inner: new(old)}, one},
		{&[]byte{1}, &[]byte{2, 3}},
		{func() *any { a := any(1); return &a }(), func() *any { a := any("x"); return &a }()},
		{&map[string]int{"a": 1}, &map[string]int{"b": 2}},
		{map[string]int{"a": 1}, map[string]int{"b": 2}},
	} {
		empty := another(row.to)
		require.IsType(t, row.to, empty)
		require.NotEqual(t, row.to, empty, "it is empty")
		take(empty, row.from)
		assert.Equal(t, row.from, empty)
		require.NoError(t, give("/m", row.to, row.from))
		assert.Equal(t, row.from, row.to)
	}
}

// What nobody can write to gRPC fails for itself, and we do not fall over it.
func TestNilReplies(t *testing.T) {
	for _, reply := range []any{nil, (*plainReply)(nil), 7, []int{1}, map[string]int(nil), func() {}} {
		other := another(reply)
		assert.NotPanics(t, func() { take(reply, other) }, "%T", reply)
	}
	typed, ok := another((*testpb.SimpleResponse)(nil)).(proto.Message)
	require.True(t, ok)
	assert.True(t, proto.Equal(new(testpb.SimpleResponse), typed))
	assert.Nil(t, clone(nil))
	assert.Equal(t, (*testpb.SimpleRequest)(nil), clone((*testpb.SimpleRequest)(nil)))
}

type plainReply struct{}

// An answer that does not fit says what was expected.
func TestAnswersThatDoNotFit(t *testing.T) {
	for _, row := range []struct {
		name       string
		to, answer any
		text       string
	}{
		{"none", new(testpb.SimpleResponse), nil, "the pipeline returned neither a reply to /m nor an error"},
		{"another message", new(testpb.SimpleResponse), new(testpb.Payload), "with a *grpc_testing.Payload, and its reply is a *grpc_testing.SimpleResponse"},
		{"no message", new(testpb.SimpleResponse), "text", "with a string, and its reply is a *grpc_testing.SimpleResponse"},
		{"no pointer", new(plainReply), plainReply{}, "with a ductilegrpc.plainReply, and its reply is a *ductilegrpc.plainReply"},
		{"a message for what is none", new(plainReply), new(testpb.Payload), "with a *grpc_testing.Payload"},
		{"a nil of its type", new(plainReply), (*plainReply)(nil), "with a *ductilegrpc.plainReply"},
		{"a number for a number", 1, 2, "with a int"},
		{"a reply that is nil", nil, new(plainReply), "with a *ductilegrpc.plainReply, and its reply is a <nil>"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := give("/m", row.to, row.answer)
			require.ErrorContains(t, err, row.text)
			assert.Equal(t, codes.Internal, status.Code(err))
		})
	}
	t.Run("a nil message is an empty one", func(t *testing.T) {
		to := &testpb.SimpleResponse{Username: "before"}
		require.NoError(t, give("/m", to, (*testpb.SimpleResponse)(nil)))
		assert.True(t, proto.Equal(new(testpb.SimpleResponse), to))
	})
}
