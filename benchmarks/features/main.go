// Command features prints which library has what, ours and its peers, as Markdown: docs/peers.md is what it prints.
//
//	go run ./benchmarks/features > docs/peers.md
//
// What it says was read in the source of each, at the versions in libraries.go. Its tests find every file and phrase that a cell names, look in
// vain for the words of what a library is said not to have, and fail where benchmarks/go.mod has another version: then read again.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "features prints a page, and takes neither flags nor arguments")
		os.Exit(2)
	}
	if _, err := fmt.Fprint(os.Stdout, page()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
