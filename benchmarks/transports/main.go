// Command transports judges transports that make http.Client resilient, ours and others, by the promises of ductiletest.RoundTripper, and
// prints which of them keeps which.
//
//	go run ./benchmarks/transports             a minute or two
//	go run ./benchmarks/transports -markdown   the table of docs/transports.md
//	go run ./benchmarks/transports -v          with what was found
//
// It exits with 1 where ours breaks a promise. Each transport is judged in a process of its own, since one of them may end it.
package main

import "os"

func main() { os.Exit(transports().Main()) }
