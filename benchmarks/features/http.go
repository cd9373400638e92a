package main

// overHTTP is for whom a client or a server of HTTP is to be made resilient.
func overHTTP() table {
	return table{
		title: "HTTP",
		about: "What is kept of the contract of net/http is judged in [transports](transports.md), promise by promise.",
		columns: []*library{
			ductile, failsafe, retryable, hedged, bhope, zero,
		},
		within: map[*library]string{ductile: "ductilehttp", failsafe: "failsafehttp", zero: "rest"},
		rows:   append(clients(), servers()...),
	}
}

// clients are what there is for requests.
func clients() []row {
	return []row{
		{"a transport for any http.Client", []string{"RoundTripper"}, map[*library]cell{
			ductile:   yes("ductilehttp/transport.go", "func NewTransport("),
			failsafe:  yes("failsafehttp/client.go", "func NewRoundTripper("),
			retryable: yes("roundtripper.go", "func (rt *RoundTripper) RoundTrip("),
			hedged:    yes("hedged.go", "func NewRoundTripper("),
			bhope:     yes("hedge.go", "func New(transport http.RoundTripper"),
			zero:      lacks("a client of its own", "RoundTripper").also("rest/httpc/service.go", "func NewServiceWithClient("),
		}},
		{"with policies of your choice, in any order", []string{"policies", "pipeline"}, map[*library]cell{
			ductile:   yes("ductilehttp/transport.go", "func NewTransport(base http.RoundTripper, p ductile.Composed"),
			failsafe:  yes("failsafehttp/client.go", "policies ...failsafe.Policy[*http.Response]"),
			retryable: lacks("a retry", "breaker", "bulkhead", "hedg"),
			hedged:    lacks("a hedge", "breaker", "bulkhead", "retry"),
			bhope:     lacks("a hedge", "breaker", "bulkhead", "retry"),
			zero:      reads("a breaker", "rest/httpc/service.go", "brk := breaker.GetBreaker(s.name)"),
		}},
		{"a breaker or the like for each host", []string{"URL.Host"}, map[*library]cell{
			ductile: reads("a pipeline, bounded", "ductilehttp/keyed.go", "func NewKeyedTransport["),
			bhope:   reads("its percentile, for ever", "hedge.go", "t.sketchFor(host)"),
			zero:    reads("a breaker for each name, for ever", "rest/httpc/service.go", "breaker.GetBreaker(s.name)"),
		}},
		{"which statuses are repeated", []string{"StatusTooManyRequests"}, map[*library]cell{
			ductile:   reads("408, 429, 500, 502, 503, 504", "ductilehttp/transport.go", "408, 500, 502, 504              transient"),
			failsafe:  reads("429, 5xx but 501", "failsafehttp/policy.go", "resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented"),
			retryable: reads("429, 5xx but 501, 0", "client.go", "resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented"),
			zero:      none("DoWithRetry"),
		}},
		{"a POST is not repeated, unless you say that it may be", []string{"idempot", "MethodPost"}, map[*library]cell{
			ductile:   yes("ductilehttp/repeat.go", "func Repeatable(ctx context.Context) context.Context"),
			failsafe:  lacks("no: any request is", "idempot", "MethodPost"),
			retryable: lacks("no: any request is", "idempot", "req.Method =="),
			hedged:    lacks("no: any request has copies", "idempot", "MethodPost"),
			bhope:     lacks("no: any request whose body can be sent twice", "idempot", "MethodPost"),
			zero:      lacks("nothing is repeated", "DoWithRetry"),
		}},
		{"Retry-After is heeded", []string{"retry-after"}, map[*library]cell{
			ductile:   reads("seconds, dates", "ductilehttp/retry_after.go", "http.ParseTime"),
			failsafe:  reads("seconds", "failsafehttp/policy.go", "strconv.Atoi(header[0])"),
			retryable: reads("seconds, dates", "client.go", "func parseRetryAfterHeader("),
		}},
		{"bodies of repeats", []string{"GetBody"}, map[*library]cell{
			ductile:   reads("by GetBody, buffered if asked", "ductilehttp/options.go", "func BufferBody(bytes int64)"),
			failsafe:  reads("buffered", "failsafehttp/client.go", "io.ReadAll("),
			retryable: reads("rewound, buffered", "client.go", "func getBodyReaderAndContentLength("),
			hedged:    lacks("the same body for all copies", "GetBody").also("hedged.go", "req := r.WithContext(ctx)"),
			bhope:     reads("by GetBody", "hedge.go", "body, err := req.GetBody()"),
		}},
		{"answers that are not returned are drained", []string{"io.Discard", "drain"}, map[*library]cell{
			ductile:   yes("ductilehttp/options.go", "func Drain(bytes int64, within time.Duration)"),
			retryable: yes("client.go", "c.drainBody(resp.Body)"),
			bhope:     yes("hedge.go", "io.Copy(io.Discard"),
		}},
		{"logs each request", []string{"logger", "slog"}, map[*library]cell{
			ductile:   lacks("by telemetry, the calls that fail", "logger", "slog").also("telemetry/options.go", "func WithLogger("),
			retryable: yes("client.go", "performing request"),
			zero:      yes("rest/httpc/internal/loginterceptor.go", "func LogInterceptor("),
		}},
		{"your hook before each attempt", []string{"hook", "PrepareRetry"}, map[*library]cell{
			ductile: lacks("by a transport inside", "hook").also("ductilehttp/headers.go", "func ResendCount(ctx context.Context) int"),
			failsafe: reads("by a transport inside, a listener", "failsafehttp/client.go", "innerRoundTripper http.RoundTripper",
				"retrypolicy/retry.go", "OnRetryScheduled("),
			retryable: yes("client.go", "PrepareRetry PrepareRetry", "client.go", "RequestLogHook RequestLogHook"),
			bhope:     reads("by a transport inside", "hedge.go", "t.base.RoundTrip("),
			hedged:    reads("by a transport inside", "hedged.go", "func IsHedgedRequest(r *http.Request) bool"),
			zero:      reads("options", "rest/httpc/service.go", "Option func(r *http.Request) *http.Request"),
		}},
		{"tells the server the attempt's number, the deadline or a priority", []string{"priority", "resend", "senddeadline"}, map[*library]cell{
			ductile: reads("number, deadline", "ductilehttp/options.go", "func SendResendCount(header string)",
				"ductilehttp/options.go", "func SendDeadline(header string)"),
			failsafe: reads("priority", "failsafehttp/client.go", "func NewRoundTripperWithLevel("),
			zero:     none("x-failsafe-priority", "resend", "senddeadline"),
		}},
	}
}

// servers are what there is for handlers.
func servers() []row {
	clientOnly := func(c cell) map[*library]cell {
		return map[*library]cell{zero: c}
	}
	with := func(cells map[*library]cell, ours, failsafes cell) map[*library]cell {
		cells[ductile], cells[failsafe] = ours, failsafes
		return cells
	}
	handler := []string{"http.Handler"}
	return []row{
		{"a handler that refuses what is too much", handler, with(clientOnly(
			yes("rest/handler/maxconnshandler.go", "func MaxConnsHandler(n int)", "rest/handler/sheddinghandler.go", "func SheddingHandler(")),
			yes("ductilehttp/handler.go", "func Handler(next http.Handler, p *ductile.Pipeline"),
			yes("failsafehttp/server.go", "func NewHandler(innerHandler http.Handler"))},
		{"its breaker sees the handler's 5xx", handler, with(clientOnly(
			yes("rest/handler/breakerhandler.go", "if cw.Code < http.StatusInternalServerError {")),
			yes("ductilehttp/handler_options.go", "func StatusClass(status int) fault.Class"),
			reads("no: errors of policies only", "failsafehttp/server.go", "innerHandler.ServeHTTP(w, r.WithContext(mergedCtx))"))},
		{"what a refusal is answered with", handler, with(clientOnly(
			reads("503", "rest/handler/maxconnshandler.go", "w.WriteHeader(http.StatusServiceUnavailable)")),
			reads("429 of a limiter, 503, Retry-After where known", "ductilehttp/handler.go", `w.Header().Set("Retry-After", seconds(after))`),
			reads("429, 503 of a timeout", "failsafehttp/server.go", "code = http.StatusTooManyRequests"))},
		{"recovers a panic of the handler", handler, with(clientOnly(
			yes("rest/handler/recoverhandler.go", "func RecoverHandler(next http.Handler)")),
			reads("no: it passes", "ductilehttp/handler.go", "A panic passes through, and counts as a failure"),
			lacks("no: it passes", "recover()"))},
		{"answers before a handler that is late", handler, with(clientOnly(
			yes("rest/handler/timeouthandler.go", "func TimeoutHandler(duration time.Duration)")),
			reads("no: it must heed its context", "ductilehttp/handler.go", "nothing is cut off"),
			reads("no: it must heed its context", "timeout/timeoutexecutor.go", "result.CompareAndSwap(nil, innerFn(execInternal))"))},
	}
}
