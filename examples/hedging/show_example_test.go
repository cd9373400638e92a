package main

import "os"

func Example_table() {
	table(os.Stdout, stalled())
	// Output:
	// calls      p50      p99    p99.9      max  requests  extra load
	// without hedging  1000   7.1 ms   171 ms   242 ms   250 ms      1000       0.0 %
	// with hedging     1000   7.1 ms    15 ms    19 ms    20 ms      1050       5.0 %
}

func Example_plot() {
	r := stalled()
	plot(os.Stdout, r.waiting.took, r.hedging.took, r.delays.quantile(500))
	// Output:
	// The share of the calls that took longer than so many milliseconds:
	// █ with hedging and without   ░ only without
	//
	//    100 %┤██████████
	//         ┤████████████████
	//         ┤██████████████████
	//         ┤████████████████████
	//     10 %┤████████████████████
	//         ┤█████████████████████
	//         ┤█████████████████████
	//         ┤██████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░
	//      1 %┤████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
	//         ┤█████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
	//         ┤██████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
	//         ┤██████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
	//         └────────────────────────────────────────────────────────────────
	//          2         5       10      20         50      100     200       500 ms
	//                          ↑ a second copy, after some 8.0 ms
}

// Where hedging makes calls slower, the plot says so, too.
func Example_plot_slower() {
	plot(os.Stdout, upTo(20), upTo(200), 0)
	// Output:
	// The share of the calls that took longer than so many milliseconds:
	// █ with hedging and without   ░ only without   ▓ only with
	//
	//    100 %┤██████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         ┤██████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         ┤█████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         ┤███████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//     10 %┤████████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         ┤████████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         ┤████████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         ┤████████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//      1 %┤████████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         ┤████████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         ┤████████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         ┤████████████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
	//         └────────────────────────────────────────────────────────────────
	//          1       2          5       10       20         50      100     200 ms
}

func Example_tell() {
	tell(os.Stdout, settings{percentile: 0.95}, stalled())
	// Output:
	// 20 of 1000 calls met a stall, and took 171 ms in the median; with hedging they
	// took 15 ms. The p99 of all calls went from 171 ms to 15 ms, 12 times less. A
	// call that was not answered within 8.0 to 9.0 ms, as 95 % are, got a second copy
	// at another replica: that is 5.0 % more requests, and in 20 of 50 cases the copy
	// was first. The median is 7.1 ms with hedging and 7.1 ms without: hedging is
	// about the tail. And tails add up: of pages that make 20 such calls and wait for
	// all, 31.9 % would take longer than 100 ms without hedging, and 0.0 % with it.
}

func Example_promises() {
	promises(os.Stdout, stalled())
	// Output:
	// What hedging promised:
	//   kept:     99.9 % of the calls are answered: 1000 of 1000
	//   kept:     the p50 of stalled calls is at least halved: 15 ms, not 171 ms
	//   kept:     the p99 of all calls is at least halved: 15 ms, not 171 ms
	//   kept:     copies are a fifth of all calls at most: 50 of 1200
}
