package main

import "os"

func Example_table() {
	r := story()
	r.in(slow, 0).with.orders = count{well: latencies{2 * orderTakes}, failed: 7}
	heading(os.Stdout)
	for _, row := range r.rows {
		if row.opens {
			line(os.Stdout, row, before(r.changes, r.began.Add(row.ends)))
		}
	}
	// Output:
	// │ recommended │ prices      │ index │ orders              │ orders without it
	//  time query  safe mode        │ fresh  best │ fresh  list │ built │ taken failed median │ taken failed median
	//  0.0s  all is well
	//  0.5s   1 x  normal           │    30     - │    30     - │    10 │     8      -  25 ms │     8      -  25 ms
	//  1.5s  the database takes 3 times as long
	//  2.0s   3 x  normal           │     -    30 │    30     - │     - │     1      7  50 ms │     2      6  25 ms
	//  4.5s  it takes 9 times as long
	//  5.0s   9 x  degraded         │     -    30 │     -    30 │     - │     8      -  25 ms │     2      6  25 ms
	//  8.0s  the database is well again
	//  8.5s   1 x  safe             │    30     - │    30     - │    10 │     8      -  25 ms │     8      -  25 ms
	// 12.0s  a person engages the safe mode
	// 12.5s   1 x  safe, by hand    │     -    30 │     -    30 │     - │     8      -  25 ms │     8      -  25 ms
	// 14.0s  the person disengages it
	// 14.5s   1 x  normal           │    30     - │    30     - │    10 │     8      -  25 ms │     8      -  25 ms
}
