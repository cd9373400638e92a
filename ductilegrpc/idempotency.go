package ductilegrpc

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Idempotency is what it does to make a call of a method twice: in the words of the option idempotency_level, which a .proto file may
// give each method.
type Idempotency uint8

const (
	// Unknown is a call that must not be made twice. It is repeated only where it certainly never left.
	Unknown Idempotency = iota
	// Idempotent is a call that does the same however often it is made. It is repeated after it has failed; hedges make no copies of it, for
	// two at once may be more than the server is ready for.
	Idempotent
	// NoSideEffects is a call that changes nothing: it is repeated, and copied by hedges.
	NoSideEffects
)

// String returns the level in words.
func (i Idempotency) String() string {
	switch i {
	case Unknown:
		return "unknown"
	case Idempotent:
		return "idempotent"
	case NoSideEffects:
		return "no side effects"
	default:
		return "no level"
	}
}

// level returns what it does to call a method twice: the user's word, or else that of its .proto file, where the program has the stubs.
func (c *clientConfig) level(method string) Idempotency {
	if level, ok := c.levels[method]; ok {
		return level
	}
	if level, ok := c.levels[service(method)]; ok {
		return level
	}
	return described(method)
}

// described returns the idempotency_level of a method.
func described(method string) Idempotency {
	prefix := service(method)
	if len(prefix) < len("/s/") {
		return Unknown
	}
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(prefix[1 : len(prefix)-1]))
	if err != nil {
		return Unknown
	}
	of, ok := found.(protoreflect.ServiceDescriptor)
	if !ok {
		return Unknown
	}
	descriptor := of.Methods().ByName(protoreflect.Name(method[len(prefix):]))
	if descriptor == nil {
		return Unknown
	}
	options, ok := descriptor.Options().(*descriptorpb.MethodOptions)
	if !ok {
		return Unknown
	}
	switch options.GetIdempotencyLevel() {
	case descriptorpb.MethodOptions_NO_SIDE_EFFECTS:
		return NoSideEffects
	case descriptorpb.MethodOptions_IDEMPOTENT:
		return Idempotent
	default:
		return Unknown
	}
}
