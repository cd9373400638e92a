package main

// An episode is one call, and what the inventory does meanwhile.
type episode struct {
	title, story string
	fates        []fate // of the requests in the order in which they arrive
	attributes   bool   // to be printed
}

// script returns what is going to happen.
func script() []episode {
	return []episode{
		{title: "All is well", story: "The inventory answers at once."},
		{
			title: "A request gets lost", story: "The first request hangs. Nobody waits for it to fail: a copy of it is sent, and answered.",
			fates: []fate{stuck},
		},
		{
			title: "The inventory is busy", story: "It says so, with a 503. The shop comes back later, and has its answer.",
			fates: []fate{busy},
		},
		{
			title: "Everything at once", story: "A request hangs, and its copy is told that the inventory is busy. So is the repeat. By then the " +
				"breaker has seen enough and refuses a third attempt, and the customer gets what was counted yesterday.",
			fates: []fate{stuck, busy, busy}, attributes: true,
		},
		{title: "The breaker is open", story: "The next customer does not wait for any of that: no request is made."},
	}
}
