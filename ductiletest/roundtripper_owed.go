package ductiletest

// What each pledge asks, and in whose words. What stands in quotation marks is taken from the documentation of what is named before it,
// word for word: a test looks it up in the sources of Go.
const (
	owesAnswer = `an answer. net/http.RoundTripper: "RoundTrip executes a single HTTP transaction, returning a Response for the provided Request."`
	owesStatus = `an answer is an answer, whatever its status, with its body. net/http.RoundTripper: "RoundTrip must return err == nil if it obtained` +
		` a response, regardless of the response's HTTP status code."`
	owesOne  = `an answer or an error. net/http.RoundTripper: "A non-nil err should be reserved for failure to obtain a response."`
	owesAsIs = `the answer as it is. net/http.RoundTripper: "RoundTrip should not attempt to interpret the response."`
	owesBody = `a body, though there is nothing to read. net/http.Response: "The http Client and Transport guarantee that Body is always non-nil, even` +
		` on responses without a body or responses with a zero-length body."`
	owesStream = `what has arrived can be read before the rest has. net/http.Response: "The response body is streamed on demand as the Body field is read."`
	owesWhole  = `the whole body, which is read after RoundTrip has returned: what it needs must live until then. net/http.Response: "The response body` +
		` is streamed on demand as the Body field is read."`
	owesBreak = `an error, or half an answer is taken for a whole one. net/http.Response: "If the network connection fails or the server terminates the` +
		` response, Body.Read calls return an error."`
	owesClose   = `whoever has read enough closes the body, and is free. net/http.Response: "It is the caller's responsibility to close Body."`
	owesTrailer = `the trailers, in the answer that the caller has. net/http.Response: "After Body.Read has returned io.EOF, Trailer will contain any` +
		` trailer values sent by the server."`
	owesUpgrade = `the connection itself. net/http.Response: "As of Go 1.12, the Body will also implement io.Writer on a successful"`
	owesHalf    = `what the base's connection can do besides. net.TCPConn: "CloseWrite shuts down the writing side of the TCP connection."`
	owesHigher  = `the answer as it is. net/http.RoundTripper: "RoundTrip should not attempt to handle higher-level protocol details such as redirects,` +
		` authentication, or cookies."`
	owesSent = `the request that was sent. net/http.Response: "Request is the request that was sent to obtain this Response."`

	owesUntouched = `the request is the caller's. net/http.RoundTripper: "RoundTrip should not modify the request, except for consuming and closing the` +
		` Request's Body."`
	owesTarget = `the request that it was given, each time. net/http.RoundTripper: "RoundTrip executes a single HTTP transaction, returning a Response for` +
		` the provided Request."`
	owesHost   = `the Host that it was given, each time. net/http.Request: "For client requests, Host optionally overrides the Host header to send."`
	owesHeader = `the header that it was given, each time. net/http.Request: "Header contains the request header fields either received by the server or to` +
		` be sent by the client."`
	owesLength = `the length that it was given, each time. net/http.Request: "ContentLength records the length of the associated content. The value -1` +
		` indicates that the length is unknown." net/http.Request: "For client requests, a nil body means the request has no body"`
	owesRequestTrailer = `the trailers that the caller sets while the body is read. net/http.Request: "After the HTTP request is sent the map values can` +
		` be updated while the request body is read."`
	owesUpload = `a body that is sent while it is read: it may be longer than memory, or be written meanwhile, or depend on what the server says.` +
		` net/http.Request: "The value -1 indicates that the length is unknown." RFC 9112, section 7.1, has chunks for that`
	owesExpect = `the expectation, and the body only when the server wants it (RFC 9110, section 10.1.1). net/http.Transport: "specifies the amount of` +
		` time to wait for a server's first response headers after fully writing the request headers"`
	owesClosed = `the body is closed in every case. net/http.RoundTripper: "RoundTrip must always close the body, including on errors, but depending on` +
		` the implementation may do so in a separate goroutine even after RoundTrip returns."`
	owesFresh = `a body of its own for each attempt, from the beginning to the end. net/http.Request: "GetBody defines an optional func to return a new` +
		` copy of Body."`
	owesOnceOnly = `a body that cannot be had again is not sent again, unless all of it is. net/http.Request: "GetBody defines an optional func to return a` +
		` new copy of Body." net/http.Transport: "either has no body or has its Request.GetBody defined"`
	owesBodyError = `no request without its body. net/http.Request: "Use of GetBody still requires setting Body."`
	owesNoRepeat  = `what may have been done is not done twice, unless the caller says that it may be. net/http.Transport: "HTTP requests are considered` +
		` idempotent if they have HTTP methods GET, HEAD, OPTIONS, or TRACE". RFC 9110, section 9.2.2, adds PUT and DELETE`

	owesContext = `the call ends when its context does, for that reason. net/http.NewRequestWithContext: "For an outgoing client request, the context` +
		` controls the entire lifetime of a request and its response: obtaining a connection, sending the request, and reading the response headers and` +
		` body."`
	owesTimeout = `an error that says of itself that it is a timeout, as url.Error asks the one that it holds and none below it. net/http.Client: "The` +
		` url.Error value's Timeout method will report true if the request timed out."`
	owesClientTimeout = `the end of the time. net/http.Client: "The Client cancels requests to the underlying Transport as if the Request's Context ended."` +
		` net/http.Client: "The url.Error value's Timeout method will report true if the request timed out."`
	owesCancel = `a channel that the base would heed reaches it. net/http.Request: "Cancel is an optional channel whose closure indicates that the client` +
		` request should be regarded as canceled."`
	owesTrace = `the values of the request's context reach the base, for each attempt. net/http/httptrace.WithClientTrace: "HTTP client requests made with` +
		` the returned context will use the provided trace hooks"`
	owesCause = `whoever asks for the reason finds it. errors.Is: "Is reports whether any error in err's tree matches target."`
	owesTLS   = `the base's error itself, since http.Client looks for it by its type alone. crypto/tls.RecordHeaderError: "RecordHeaderError is returned` +
		` when a TLS record header is invalid." net/http.ErrSchemeMismatch: "ErrSchemeMismatch is returned when a server returns an HTTP response to an` +
		` HTTPS client."`
	owesPanic = `the panic is the caller's, as everywhere in Go. builtin.panic: "To the caller G, the invocation of F then behaves like a call to panic"`

	owesSafe  = `calls at once do not meet. net/http.RoundTripper: "A RoundTripper must be safe for concurrent use by multiple goroutines."`
	owesReuse = `connections are used again. net/http.Client: "If the Body is not both read to EOF and closed, the Client's underlying RoundTripper` +
		` (typically Transport) may not be able to re-use a persistent TCP connection"`
	owesDropped = `who drops an answer closes it. net/http.Response: "It is the caller's responsibility to close Body."`
	owesIdle    = `a method that does so, which http.Client looks for. net/http.Client: "If Client.Transport does not have a Client.CloseIdleConnections method` +
		` then this method does nothing."`
	owesOthers = `connections that others may use at once stay. net/http.Transport: "Transports should be reused instead of created as needed."`
	owesGone   = `nothing runs on when the answer has been read and closed. net/http.NewRequestWithContext: "the context controls the entire lifetime of a` +
		` request and its response"`
	owesLetGo = `contexts that were made are ended, or the caller's keeps them for as long as it lives. context.WithCancel: "Canceling this context releases` +
		` resources associated with it, so code should call cancel as soon as the operations running in this Context complete."`
)
