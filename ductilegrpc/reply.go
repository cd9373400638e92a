package ductilegrpc

import (
	"reflect"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// another returns an empty reply of the same type for an attempt to write to. What is no pointer nobody can write to.
func another(reply any) any {
	if message, ok := reply.(proto.Message); ok && message != nil {
		return message.ProtoReflect().New().Interface()
	}
	v := reflect.ValueOf(reply)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return reply
	}
	return reflect.New(v.Type().Elem()).Interface()
}

// take moves the reply of an attempt, which nobody else has, into that of the caller.
func take(to, from any) {
	if to == from {
		return
	}
	if target, ok := to.(proto.Message); ok {
		source, _ := from.(proto.Message)
		move(target, source)
		return
	}
	if v := reflect.ValueOf(to); v.Kind() == reflect.Pointer && !v.IsNil() {
		v.Elem().Set(reflect.ValueOf(from).Elem())
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

// give copies what a fallback answered, which it may answer again, into the reply of the caller.
func give(method string, to, answer any) error {
	target, ok := to.(proto.Message)
	source, _ := answer.(proto.Message)
	switch v := reflect.ValueOf(answer); {
	case answer == nil:
		return status.Errorf(codes.Internal, "ductilegrpc: the pipeline returned neither a reply to %s nor an error", method)
	case ok && source != nil && target.ProtoReflect().Descriptor() == source.ProtoReflect().Descriptor():
		proto.Reset(target)
		proto.Merge(target, source)
		return nil
	case !ok && v.Kind() == reflect.Pointer && !v.IsNil() && reflect.TypeOf(to) == v.Type():
		reflect.ValueOf(to).Elem().Set(v.Elem())
		return nil
	default:
		return status.Errorf(codes.Internal, "ductilegrpc: the fallback answered %s with a %T, and its reply is a %T: "+
			"give each method a fallback of its own type", method, answer, to)
	}
}

// clone returns a copy of a request. What is no protocol buffer is not copied.
func clone(request any) any {
	if message, ok := request.(proto.Message); ok {
		return proto.Clone(message)
	}
	return request
}
