package ductilegrpctest

// What each pledge asks, and in whose words. What stands in quotation marks is taken from what is named before it, word for word. What is of
// gRPC-Go a test looks up in its sources. The others are gRFC A6 (github.com/grpc/proposal) and AIP-194 (google.aip.dev).
const (
	owesReply  = `the reply. grpc.UnaryClientInterceptor: "it is the responsibility of the interceptor to call invoker to complete the processing of the RPC"`
	owesStatus = `an error with the server's status: its code, its message, its details. grpc.UnaryClientInterceptor: "The returned error must be` +
		` compatible with the status package." status: "gRPC clients should expect a corresponding error to be returned from the RPC call"`
	owesHeader  = `what belongs to the reply. grpc.Header: "retrieves the header metadata for a unary RPC" grpc.Trailer: "retrieves the trailer metadata for a unary RPC"`
	owesFinish  = `a single callback. grpc.OnFinish: "The onFinish callback provided will only be called once by gRPC."`
	owesSend    = `the caller's metadata, with each attempt. metadata.NewOutgoingContext: "creates a new context with outgoing md attached"`
	owesRequest = `the request is the caller's. grpc.UnaryClientInterceptor: "req and reply are the corresponding request and response messages."`
	owesLimit   = `the caller's deadline, for all attempts. A6: "gRPC's call deadline applies across all attempts for a given RPC."`
	owesReady   = `a call that waits for a connection. grpc.WaitForReady: "the client will wait until a connection becomes available or the RPC's deadline is reached"`
	owesFast    = `a call that fails at once. grpc.WaitForReady: "If waitForReady is false, the RPC will fail immediately."`

	owesCanceled = `Canceled, at once. codes.Canceled: "The gRPC framework will generate this error code when cancellation is requested."`
	owesDeadline = `DeadlineExceeded, then. codes.DeadlineExceeded: "The gRPC framework will generate this error code when the deadline is exceeded."`
	owesNothing  = `no call. codes.Canceled: "The gRPC framework will generate this error code when cancellation is requested."`

	owesOnce = `what may have been done is not done twice, unless somebody says that it may be. codes.Unavailable: "Note that it is not always safe to` +
		` retry non-idempotent operations." A6: "such a method should not be retried unless the error codes guarantee the original RPC was not processed"`
	owesNoCopy = `a single call. A6: "it is important that hedging is only enabled for methods that are safe to execute multiple times without adverse affect"`
	owesWait   = `that delay. A6: "The pushback can either tell the client to retry after a given delay or to not retry at all."`
	owesNo     = `no further attempt. A6: "If the value for pushback is negative or unparseble, then it will be seen as the server asking the client not to` +
		` retry at all."`
	owesNone   = `no further attempt. grpc, stream.go: "Server retry pushback specified multiple values (%q); not retrying."`
	owesNumber = `the number of attempts before. A6: "it will not be present on the first RPC, will be 1 for the second RPC, and so on"`
	owesFinal  = `no further attempt. codes.FailedPrecondition: "Use Unavailable if the client can retry just the failing call." AIP-194: "Retrying a request` +
		` with an invalid argument will never succeed."`
	owesTheirs = `no further attempt. AIP-194: "The following codes should not be automatically retried for any request" "An application can set a deadline,` +
		` which must be honored."`
	owesQuota = `no further attempt, unless the server says when. AIP-194: "This code may be a signal that quota is exhausted. Retries therefore may not be` +
		` expected to work for several hours; meanwhile the retries may have billing implications."`
	owesFew = `few attempts. A6: "have, by default, a client-side maximum value of 5"`

	owesOwn   = `a reply that nobody else writes to. grpc.UnaryClientInterceptor: "req and reply are the corresponding request and response messages."`
	owesEnd   = `no copy that runs on. A6: "all outstanding hedged requests are canceled and the response is returned"`
	owesApart = `calls at once do not meet. Documentation/concurrency.md: "A [ClientConn][client-conn] can safely be accessed concurrently."`
	owesPanic = `the panic is the caller's, as everywhere in Go. builtin.panic: "To the caller G, the invocation of F then behaves like a call to panic"`

	owesStream = `the messages, and then the end. grpc.ClientStream: "RecvMsg blocks until it receives a message into m or the stream is done. It returns io.EOF` +
		` when the stream completes successfully."`
	owesStreamError  = `the status of the stream. grpc.ClientStream: "On any other error, the stream is aborted and the error contains the RPC status."`
	owesStreamHeader = `what belongs to the stream. grpc.ClientStream: "Header returns the header metadata received from the server if there is any."` +
		` grpc.ClientStream: "Trailer returns the trailer metadata from the server, if there is any."`
	owesBegun = `no other beginning. A6: "The metadata (or its absence) it is transmitted to the client application. This may fundamentally change the state of` +
		` the client, so we cannot safely retry if a failure occurs later in the RPC’s life."`
	owesSending = `what was sent. grpc.StreamClientInterceptor: "it is the responsibility of the interceptor to call streamer"`
	owesBoth    = `both at once. Documentation/concurrency.md: "it's safe to have a goroutine calling ` + "`SendMsg`" + ` and another goroutine calling` +
		` ` + "`RecvMsg`" + ` on the same stream at the same time"`
	owesLeft = `the end of the stream. grpc.ClientConn.NewStream: "ctx is used for the lifetime of the stream."`
)
