package main

// A library is one of those that are compared.
type library struct {
	name    string
	module  string // its path
	version string // that was read
	source  string // where its files are on the web, at that version
}

// The libraries, at the versions that were read.
var (
	ductile = &library{"Ductile", "github.com/ductile-go/ductile", "", "../"}

	failsafe = &library{"failsafe-go", "github.com/failsafe-go/failsafe-go", "v0.9.8",
		"https://github.com/failsafe-go/failsafe-go/blob/v0.9.8/"}
	gobreaker = &library{"gobreaker", "github.com/sony/gobreaker/v2", "v2.4.0",
		"https://github.com/sony/gobreaker/blob/v2.4.0/v2/"}
	backoff4 = &library{"backoff v4", "github.com/cenkalti/backoff/v4", "v4.3.0",
		"https://github.com/cenkalti/backoff/blob/v4.3.0/"}
	backoff6 = &library{"backoff v6", "github.com/cenkalti/backoff/v6", "v6.0.1",
		"https://github.com/cenkalti/backoff/blob/v6.0.1/"}
	avast = &library{"avast/retry-go", "github.com/avast/retry-go/v5", "v5.1.1",
		"https://github.com/avast/retry-go/blob/v5.1.1/"}
	sethvargo = &library{"sethvargo/go-retry", "github.com/sethvargo/go-retry", "v0.5.0",
		"https://github.com/sethvargo/go-retry/blob/v0.5.0/"}
	eapache = &library{"go-resiliency", "github.com/eapache/go-resiliency", "v1.7.0",
		"https://github.com/eapache/go-resiliency/blob/v1.7.0/"}
	hystrix = &library{"hystrix-go", "github.com/afex/hystrix-go", "v0.0.0-20180502004556-fa1af6a1f4f5",
		"https://github.com/afex/hystrix-go/blob/fa1af6a1f4f5/"}
	aegis = &library{"aegis", "github.com/go-kratos/aegis", "v0.2.0",
		"https://github.com/go-kratos/aegis/blob/v0.2.0/"}
	zero = &library{"go-zero", "github.com/zeromicro/go-zero", "v1.10.3",
		"https://github.com/zeromicro/go-zero/blob/v1.10.3/"}
	hedged = &library{"hedgedhttp", "github.com/cristalhq/hedgedhttp", "v0.9.1",
		"https://github.com/cristalhq/hedgedhttp/blob/v0.9.1/"}
	bhope = &library{"bhope/hedge", "github.com/bhope/hedge", "v1.0.1",
		"https://github.com/bhope/hedge/blob/v1.0.1/"}
	retryable = &library{"go-retryablehttp", "github.com/hashicorp/go-retryablehttp", "v0.7.8",
		"https://github.com/hashicorp/go-retryablehttp/blob/v0.7.8/"}
	middleware = &library{"go-grpc-middleware", "github.com/grpc-ecosystem/go-grpc-middleware/v2", "v2.3.3",
		"https://github.com/grpc-ecosystem/go-grpc-middleware/blob/v2.3.3/"}
	xsync = &library{"x/sync", "golang.org/x/sync", "v0.22.0", "https://github.com/golang/sync/blob/v0.22.0/"}
	xtime = &library{"x/time/rate", "golang.org/x/time", "v0.15.0", "https://github.com/golang/time/blob/v0.15.0/"}
)

// libraries are all of them, ours first.
var libraries = []*library{
	ductile, failsafe, gobreaker, backoff4, backoff6, avast, sethvargo, eapache, hystrix, aegis, zero,
	hedged, bhope, retryable, middleware, xsync, xtime,
}

// link returns where a file is to be read.
func (l *library) link(file string) string { return l.source + file }

// absent are the libraries that could not be read, and why.
var absent = []struct{ name, why string }{
	{"aponysus/recourse", "could not be had: the module proxy answered 403"},
	{"cep21/circuit v4", "could not be had: the module proxy answered 403"},
}
