package main

import "os"

func Example_table() {
	heading(os.Stdout)
	for _, s := range told().stages {
		row(os.Stdout, s)
	}
	// Output:
	//                   answered               too                  answered, of what
	// load   server      in time  refused     late     p50     p99  it can do
	// 0.5 x  bare         100 /s      0 %      0 %   40 ms   40 ms  ████████░░░░░░░░
	//        protected    100 /s      0 %      0 %   40 ms   40 ms  ████████░░░░░░░░
	// 3.0 x  bare           0 /s      0 %    100 %       -       -  ░░░░░░░░░░░░░░░░
	//        protected    200 /s     67 %      0 %   40 ms   40 ms  ████████████████
}
