// Package ductilegrpc puts pipelines around gRPC calls, on both sides.
//
// gRPC-Go repeats calls where the service config says so. It has no hedging, no breaker and no bulkhead. A [Client] adds them to a
// connection that you have:
//
//	client := ductilegrpc.NewClient(standard.Client("inventory"))
//	conn, err := grpc.NewClient(target, append(client.DialOptions(), credentials)...)
//
// [NewKeyedClient] has a pipeline for each method. A [Server] sheds what is too much for a server, before its handlers do any work.
//
// It is a module of its own, so that who does without gRPC never sees it.
//
// # What may be repeated
//
//	call                            repeated by a retry    copied by a hedge
//	NoSideEffects                   yes                    yes
//	Idempotent                      yes                    no
//	any other                       if it never left       no
//	a stream from the server        until its first message or header, where its method may be called twice
//	any other stream                until it is created
//
// What a method is, [Methods] says, or the option idempotency_level in its .proto file, where the program has its stubs; for a single call, [Is].
// A call never left where gRPC found no connection to send it by. Where an interceptor inside of the client fails a call in place of gRPC, nobody
// knows, and it counts as one that has left. One that makes calls at once, such as a hedge of another library, belongs around a client and not
// inside: the calls would write to the same places.
//
// A copy of a hedge may run on after the call. It has a reply and a request of its own, so the caller may use both again at once; but a request that
// is no proto.Message cannot be copied, and must then be left as it is.
//
// # What a status means
//
//	code                                            class        repeated
//	Unavailable                                     transient    yes
//	ResourceExhausted                               overload     where the server says when
//	  a message that is too large                   permanent
//	DeadlineExceeded                                timeout      where it was the attempt's own time
//	Internal, Unknown, DataLoss, any other number   transient    no
//	Canceled, by the server                         ignored, which also ends a hedge
//	InvalidArgument, NotFound, AlreadyExists,
//	PermissionDenied, Unauthenticated,
//	FailedPrecondition, Aborted, OutOfRange,
//	Unimplemented                                   permanent
//
// [Classify] overrides it. An error that says its class itself, as those of package fault and of another [Client] inside do, is taken at its
// word. Breakers count what is transient, a timeout or an overload, repeated or not. The server says when by the trailer
// grpc-retry-pushback-ms, which is exact, or below zero forbids it; or by a RetryInfo in the status, which is a floor under the backoff.
// Every attempt of a client but the first tells the server how many came before, in grpc-previous-rpc-attempts; what is repeated around it is
// not known here, and what gRPC repeats below is counted by gRPC.
//
// A server that refuses for a quota counts as a failure, too, and opens the breaker of who is above it. Where that client has others to
// serve, breaker.CountAs(fault.ClassOverload, fault.ClassIgnored) keeps it closed.
//
// A server that restarts is gone for a moment. A call that found no connection is repeated, and counts for the breaker. gRPC itself tries to
// connect again after a second at first, which is longer than three attempts take by default: grpc.WithConnectParams makes it sooner.
//
// # Servers
//
// A [Server] takes calls through a pipeline before their handlers see them: bulkheads, limiters and breakers shed, timeouts limit. It repeats
// nothing, for that is the callers' part, and so takes neither retries nor fallbacks.
//
//	shed := ductilegrpc.NewServer(ductile.New("shop", bulkhead.New(100), timeout.New(time.Second)))
//	server := grpc.NewServer(shed.ServerOptions()...)
//
// What the client gets where the handler's own answer is not it, with a message that says nothing of what is inside:
//
//	ended by                                               code
//	a limiter                                              ResourceExhausted
//	any other refusal: open, full                          Unavailable
//	a timeout, of which the handler says no more           DeadlineExceeded
//	the client's deadline, the client, before the handler  DeadlineExceeded, Canceled
//
// A limiter knows when to come back, and an open breaker; a bulkhead does not. It is said by a RetryInfo and by the trailer
// grpc-retry-pushback-ms, spread at random so that not all come at once: see [ServerError]. What policies make of a handler's own status,
// unless [ClassifyServer] says otherwise:
//
//	code                                                                class
//	Unknown, Internal, DataLoss, Unavailable, any other number          transient
//	DeadlineExceeded                                                    timeout
//	Canceled                                                            ignored
//	any other: an answer, and the handler works                         success
//
// Health checks are served whatever the pipeline says: see [Exempt].
//
// # Streams
//
// A stream goes through the pipeline from its creation to its end. It is gated at the start, holds its permits while it lasts, and is judged
// once, by how it ended: when a message or the end of the stream was received with an error, when its context has ended, or when it was
// dropped. So a timeout limits its whole life: see [Streams].
package ductilegrpc
