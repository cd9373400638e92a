package main

import "os"

func Example_table() {
	table(os.Stdout, told())
	// Output:
	// reached  connec-
	// to         client     sent  answered  failed      p50      p99     host    tions
	// healthy
	// all        bare        300   100.0 %       0   3.0 ms   3.0 ms      300        3
	//            protected   300   100.0 %       0   3.0 ms   3.0 ms      300        3
	// blip
	// prices     bare        100    88.0 %      12   3.0 ms  2000 ms      100       13
	//            protected   100   100.0 %       0   3.0 ms   3.0 ms      100        1
	// orders     bare        100    88.0 %      12   3.0 ms  2000 ms      100       13
	//            protected   100    88.0 %      12   3.0 ms   3.0 ms      100        1
	// reviews    bare        100   100.0 %       0   3.0 ms   3.0 ms      100        1
	//            protected   100   100.0 %       0   3.0 ms   3.0 ms      100        1
	// outage
	// reviews    bare        100     0.0 %     100  2000 ms  2000 ms      100      101
	//            protected   100     0.0 %     100   1.0 ms   1.0 ms       30       30
	// the others bare        200   100.0 %       0   3.0 ms   3.0 ms      200        2
	//            protected   200   100.0 %       0   3.0 ms   3.0 ms      200        2
	// recovery
	// reviews    bare        100   100.0 %       0   3.0 ms   3.0 ms      100        1
	//            protected   100   100.0 %       0   3.0 ms   3.0 ms      100        1
	// the others bare        200   100.0 %       0   3.0 ms   3.0 ms      200        2
	//            protected   200   100.0 %       0   3.0 ms   3.0 ms      200        2
	//
	// What the breakers did:
	//     5.1s  reviews  closed → open: too large a share of calls failed (16 of 31)
}
