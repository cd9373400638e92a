// Package benchmarks measures what a policy costs, beside what its peers cost for the same call.
//
// [Paths], [Growths] and [Weights] are the tables of what is measured, and everything else reads them. Each peer is used as its documentation
// shows, set as ours is as far as it can be, and what it leaves out is said beside it:
//
//	go test ./benchmarks                   do all sides of each path do the work they are timed for?
//	go test ./benchmarks -run - -bench .   ordinary benchmarks, for benchstat and profiles
//	go run ./benchmarks/compare            all sides by turns in one process, and the ratios against their gates
//
// Quote ratios, not times: machines differ, and so do their moods.
package benchmarks
