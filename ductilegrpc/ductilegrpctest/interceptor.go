// Package ductilegrpctest is for the tests of those who write interceptors for gRPC clients: it checks that they keep what gRPC promises its
// callers.
package ductilegrpctest

import (
	"iter"
	"testing"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile/ductiletest"
)

// The methods of package google.golang.org/grpc/interop/grpc_testing that an interceptor is to be told about, where it can be told: they change
// nothing, and may be called at will. No other method of that service may be called twice.
const (
	CacheableUnaryCall  = "/grpc.testing.TestService/CacheableUnaryCall"
	StreamingOutputCall = "/grpc.testing.TestService/StreamingOutputCall"
)

// Interceptor checks that interceptors keep what callers of gRPC rely on: that an error has its status, that metadata arrives, that a stream
// which has begun is not begun anew, that pushback is heeded. It is for interceptors that repeat, send copies, give up, refuse, or only watch.
//
//	func TestInterceptor(t *testing.T) {
//		ductilegrpctest.Interceptor(t, func() []grpc.DialOption {
//			again := retrying.New(retrying.Attempts(3), retrying.Wait(time.Millisecond), retrying.Repeatable(ductilegrpctest.CacheableUnaryCall))
//			return []grpc.DialOption{grpc.WithUnaryInterceptor(again.Unary), grpc.WithStreamInterceptor(again.Stream)}
//		})
//	}
//
// options returns what a connection is made with. It is called several times for each promise, and returns new interceptors each time. The
// servers are real ones on loopback, of the service grpc.testing.TestService. Each promise is a subtest, so that -v lists them and -skip leaves
// one out. What an interceptor gives no occasion to check is skipped with the reason: where nothing is repeated, no pushback can be heeded.
// What is found is told in three lines: what was done, what happened, and what is owed by whose word.
//
// The kit knows no policies, and interceptors without any keep every promise. So give them some, that much is tried, and let them be quick:
//
//   - A retry of Unavailable: 3 attempts, and milliseconds between them, for [CacheableUnaryCall] and [StreamingOutputCall].
//   - A hedge that sends its copy after some tens of milliseconds, and not earlier, for [CacheableUnaryCall].
//   - A timeout of two seconds or more. Below, a busy machine breaks promises.
//   - A breaker that opens after ten failures in a row or more, and a bulkhead for ten calls or more.
//
// Where several policies go together, judge them together, too. A race is found by chance: use the race detector.
//
// An interceptor that does not return is a finding, after seconds. One that lets a panic of an inner interceptor end a goroutine of its own ends the
// program, with a text that says which promise it was: the last of all, so that -v has shown what is known of the others.
func Interceptor(t *testing.T, options func() []grpc.DialOption) {
	t.Helper()
	e := examine(options, usual())
	for _, p := range pledges() {
		t.Run(p.name, func(t *testing.T) {
			switch v := e.judge(p); v.Outcome {
			case ductiletest.Broken:
				t.Error(v.Text)
			case ductiletest.Moot:
				t.Skip(v.Text)
			case ductiletest.Kept:
			}
		})
	}
}

// JudgeInterceptor is [Interceptor] without a test: for a command that compares interceptors, or shows how far one has come. It judges while the
// sequence is read, promise by promise.
//
//	for v := range ductilegrpctest.JudgeInterceptor(options) {
//		fmt.Println(v.Outcome, v.Promise)
//	}
func JudgeInterceptor(options func() []grpc.DialOption) iter.Seq[Verdict] {
	return func(yield func(Verdict) bool) {
		e := examine(options, usual())
		for _, p := range pledges() {
			if !yield(e.judge(p)) {
				return
			}
		}
	}
}

// A Verdict is what [JudgeInterceptor] says of one promise.
type Verdict struct {
	Promise string              // in words
	Outcome ductiletest.Outcome // whether it is kept
	Text    string              // what was found, or why there was nothing to find out; "" for a promise that is kept
}
