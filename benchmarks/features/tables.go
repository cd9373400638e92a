package main

// tables returns all of them, in the order of the page.
func tables() []table {
	return []table{glance(), breakers(), retries(), limits(), hedges(), overHTTP(), overGRPC(), whole(), ends(), endsOfTwo()}
}
