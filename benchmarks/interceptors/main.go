// Command interceptors judges interceptors that make gRPC clients resilient, ours and others, by the promises of ductilegrpctest.Interceptor, and
// prints which of them keeps which.
//
//	go run ./benchmarks/interceptors             a minute or two
//	go run ./benchmarks/interceptors -markdown   the table of docs/interceptors.md
//	go run ./benchmarks/interceptors -v          with what was found
//
// It exits with 1 where ours breaks a promise. Each is judged three times, in a process of its own, since one of them may end it: what is broken in
// one of the three, and not in another, is called so.
package main

import "os"

func main() { os.Exit(interceptors().Main()) }
