package ductilegrpc

import (
	"reflect"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// message returns a value as a protocol buffer, if it is one: what only embeds one has more that has to be handed on.
func message(value any) (proto.Message, bool) {
	m, ok := value.(proto.Message)
	return m, ok && reflect.TypeOf(m) == reflect.TypeOf(m.ProtoReflect().Interface())
}

// another returns an empty reply of the same type for an attempt to write to.
func another(reply any) any {
	if m, ok := message(reply); ok {
		return m.ProtoReflect().New().Interface()
	}
	switch v := reflect.ValueOf(reply); {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return reflect.New(v.Type().Elem()).Interface()
	case v.Kind() == reflect.Map && !v.IsNil():
		return reflect.MakeMap(v.Type()).Interface()
	default:
		return reply // which nobody can write to
	}
}

// take moves the reply of an attempt, which nobody else has, into that of the caller.
func take(to, from any) {
	if target, ok := message(to); ok {
		source, _ := message(from)
		move(target, source)
		return
	}
	set(reflect.ValueOf(to), reflect.ValueOf(from))
}

// set makes what one reply points to that of another of the same type.
func set(to, from reflect.Value) {
	switch {
	case to.Kind() == reflect.Pointer && !to.IsNil():
		to.Elem().Set(from.Elem())
	case to.Kind() == reflect.Map && !to.IsNil():
		to.Clear()
		for entry := from.MapRange(); entry.Next(); {
			to.SetMapIndex(entry.Key(), entry.Value())
		}
	}
}

// move makes the fields of from those of to, without copying what they hold.
func move(to, from proto.Message) {
	proto.Reset(to)
	source, target := from.ProtoReflect(), to.ProtoReflect()
	source.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		target.Set(field, value)
		return true
	})
	target.SetUnknown(source.GetUnknown())
}

// give copies what a fallback answered, which it may answer again, into the reply of the caller. What is no protocol buffer is copied as an
// assignment does it.
func give(method string, to, answer any) error {
	target, ok := message(to)
	source, _ := answer.(proto.Message)
	switch v := reflect.ValueOf(answer); {
	case answer == nil:
		return status.Errorf(codes.Internal, "ductilegrpc: the pipeline returned neither a reply to %s nor an error", method)
	case ok && source != nil && target.ProtoReflect().Descriptor() == source.ProtoReflect().Descriptor():
		proto.Reset(target)
		proto.Merge(target, source)
		return nil
	case !ok && reflect.TypeOf(to) == v.Type() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Map) && !v.IsNil():
		set(reflect.ValueOf(to), v)
		return nil
	default:
		return status.Errorf(codes.Internal, "ductilegrpc: the fallback answered %s with a %T, and its reply is a %T: "+
			"give each method a fallback of its own type", method, answer, to)
	}
}

// clone returns a copy of a request. What is no protocol buffer is not copied.
func clone(request any) any {
	if m, ok := message(request); ok {
		return proto.Clone(m)
	}
	return request
}
