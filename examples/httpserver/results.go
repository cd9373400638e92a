package main

// results are what happened.
type results struct {
	limit  int
	stages []stage // in the order of the loads
}

// A stage is what happened under one load.
type stage struct {
	load            float64   // as a multiple of what a server can do
	delays          latencies // by which requests were made later than they were due: this machine is busy with something else
	bare, protected outcome
}

// lightest and heaviest are the first and the last stage.
func (r results) lightest() stage { return r.stages[0] }
func (r results) heaviest() stage { return r.stages[len(r.stages)-1] }

// tolerable is what a customer can lose of his patience before a server is asked.
const tolerable = patience / 6

// busy reports whether this machine was too busy with something else to say much of servers.
func (s stage) busy() bool { return s.delays.quantile(99) > tolerable }
