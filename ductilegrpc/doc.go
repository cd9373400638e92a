// Package ductilegrpc puts pipelines around gRPC calls, on both sides.
//
// gRPC-Go repeats calls where the service config says so. It has no hedging, no breaker and no bulkhead. A [Client] adds them to a
// connection that you have:
//
//	client := ductilegrpc.NewClient(standard.Client("inventory"))
//	conn, err := grpc.NewClient(target, append(client.DialOptions(), credentials)...)
//
// [NewKeyedClient] has a pipeline for each method. A [Server] sheds what is too much for a server, before work is done for it.
//
// It is a module of its own, so that who does without gRPC never sees it.
//
// # What may be repeated
//
//	call                            repeated by a retry    copied by a hedge
//	NoSideEffects                   yes                    yes
//	Idempotent                      yes                    no
//	any other                       if it never left       no
//	a stream from the server        until its first message, where its method may be called twice
//	any other stream                until it is created
//
// What a method is, [Methods] says, or the option idempotency_level in its .proto file; for a single call, [Is]. A call never left where gRPC
// found no connection to send it by.
//
// # What a status means
//
//	code                                            class        repeated
//	Unavailable                                     transient    yes
//	ResourceExhausted                               overload     where the server says when
//	  a message that is too large                   permanent
//	DeadlineExceeded                                timeout      where it was the attempt's own time
//	Internal, Unknown, DataLoss, any other number   transient    no
//	Canceled, by the server                         ignored
//	InvalidArgument, NotFound, AlreadyExists,
//	PermissionDenied, Unauthenticated,
//	FailedPrecondition, Aborted, OutOfRange,
//	Unimplemented                                   permanent
//
// [Classify] overrides it. Breakers count what is transient, a timeout or an overload, repeated or not. The server says when by the trailer
// grpc-retry-pushback-ms, which is exact, or below zero forbids it; or by a RetryInfo in the status, which is a floor under the backoff.
// Every attempt but the first tells the server how many came before, in grpc-previous-rpc-attempts.
//
// # Streams
//
// A stream goes through the pipeline from its creation to its end. It is gated at the start, holds its permits while it lasts, and is judged
// once, by how it ended: when a message or the end of the stream was received with an error, when its context has ended, or when it was
// dropped. So a timeout limits its whole life: see [Streams].
package ductilegrpc
