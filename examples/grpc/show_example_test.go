package main

import "os"

func Example_table() {
	table(os.Stdout, told())
	// Output:
	// came to
	// of          pair      calls  answered  failed      p50      p99   server
	// calm
	// all         bare        400   100.0 %       0    20 ms    20 ms      400
	//             protected   400   100.0 %       0    20 ms    20 ms      400
	// flaky
	// Get         bare        100    90.0 %      10    20 ms   500 ms      100
	//             protected   100   100.0 %       0    20 ms    20 ms      100
	// Quote       bare        100   100.0 %       0    20 ms   300 ms      100
	//             protected   100   100.0 %       0    20 ms    20 ms      100
	// Reserve     bare        100    90.0 %      10    20 ms   500 ms      100
	//             protected   100    90.0 %      10    20 ms    20 ms      100
	// Watch       bare        100    90.0 %      10    20 ms   500 ms      100
	//             protected   100   100.0 %       0    20 ms    20 ms      100
	// restarts
	// Get, Watch  bare        200    80.0 %      40    20 ms   500 ms      200
	//             protected   200   100.0 %       0    20 ms    20 ms      200
	// Quote       bare        100    80.0 %      20    20 ms   500 ms      100
	//             protected   100   100.0 %       0    20 ms    20 ms      100
	// Reserve     bare        100   100.0 %       0    20 ms    20 ms      100
	//             protected   100   100.0 %       0    20 ms    20 ms      100
	// outage
	// Quote       bare        100     0.0 %     100   500 ms   500 ms      100
	//             protected   100     0.0 %     100   1.0 ms   1.0 ms       30
	// the others  bare        300   100.0 %       0    20 ms    20 ms      300
	//             protected   300   100.0 %       0    20 ms    20 ms      300
	// recovery
	// Quote       bare        100   100.0 %       0    20 ms    20 ms      100
	//             protected   100   100.0 %       0    20 ms    20 ms      100
	// the others  bare        300   100.0 %       0    20 ms    20 ms      300
	//             protected   300   100.0 %       0    20 ms    20 ms      300
	// crowd
	// crowd's Get bare        100    20.0 %      80   1.0 ms    20 ms      100
	//             protected   100    20.0 %      80   1.0 ms    20 ms      100
	// Get         bare        100    50.0 %      50    20 ms   500 ms      100
	//             protected   100   100.0 %       0    20 ms    20 ms      100
	// the others  bare        300    66.6 %     100    20 ms   500 ms      300
	//             protected   300   100.0 %       0    20 ms    20 ms      300
	//
	// What happened to the protected pair:
	//     5.1s  Quote    closed → open: too large a share of calls failed (16 of 31)
}
