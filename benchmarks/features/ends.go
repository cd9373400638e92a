package main

import "maps"

// ends is what happens where calls end oddly, as tests of benchmarks have it for breakers.
func ends() table {
	const test = "TestComparison"
	return table{
		title:   "What breakers do in odd cases",
		about:   "Tried by tests of [benchmarks](../benchmarks), with settings that are as alike as can be.",
		columns: order[test],
		rows: []row{
			tried("a probe that panics gives its place back", test, "a probe that panics gives its place back", true, false, true),
			tried("a probe that exits its goroutine does, too", test, "a probe that exits its goroutine gives its place back", true, false, false),
			tried("a probe that never reports does not keep others out for ever", test,
				"a probe that never reports does not keep others out for ever", true, false, false),
			tried("a call begun before it opened cannot close it", test, "a result of before the opening does not close it", true, false, true),
			tried("callers who cancel do not open it, by default", test, "callers who cancel do not open it", true, false, false).
				unless(gobreaker, "IsExcluded", "gobreaker.go", "to ignore context cancellations"),
		},
	}
}

// endsOfTwo is the same for what has one peer.
func endsOfTwo() table {
	const retried, held, copied, ended = "TestComparisonOfRetries", "TestComparisonOfBulkheads", "TestComparisonOfHedges",
		"TestComparisonOfAbnormalEnds"
	return table{
		title:   "What retries, bulkheads and hedges do in odd cases",
		about:   "As above, of the two that have all three. `Async` is an option of a call.",
		columns: []*library{ductile, failsafe},
		rows: []row{
			tried("retry: a wait that the deadline would cut short is not begun", retried,
				"a wait that the deadline would cut short is not begun", true, false),
			tried("retry: the last error is found when the caller cancels in the wait", retried,
				"the last error is found when the caller cancels in the wait", true, false),
			tried("retry: nothing is called for a caller who has gone", retried, "nothing is called for a caller who has gone", true, false),
			tried("retry: a policy's refusal is not repeated, by default", retried, "a policy's refusal is not repeated", true, false),
			tried("bulkhead: a call that panics gives its permit back", held, "a call that panics gives its permit back", true, false),
			tried("bulkhead: a call that exits its goroutine does, too", held, "a call that exits its goroutine gives its permit back", true, false),
			tried("bulkhead: who waits is served in order", held, "who waits is served in order, and before who comes later", true, true),
			tried("bulkhead: only so many may wait", held, "only so many may wait", true, false),
			tried("bulkhead: who is out of time in the queue hears that it was the queue", held,
				"who is out of time in the queue hears that it was the queue", true, false),
			tried("bulkhead: a full one does not open the breaker around it, by default", held,
				"a full bulkhead does not open the breaker around it", true, false),
			tried("hedge: an error does not win while another copy may succeed, by default", copied,
				"an error does not win while another copy may succeed", true, false).
				unless(failsafe, "CancelIf", "hedgepolicy/hedge.go", "CancelIf(predicate func(R, error) bool)"),
			tried("hedge: a copy that fails is replaced at once", copied, "a copy that fails is replaced at once", true, false),
			tried("hedge: values of copies that lost are handed over, to be closed", copied,
				"values of copies that lost are handed over", true, false),
			tried("hedge: a call that needs no copy starts no goroutine", copied, "a call that needs no copy starts no goroutine", true, false),
			tried("hedge: the winner does not wait for a first copy that ignores its cancellation, by default", copied,
				"the winner does not wait for a first copy that ignores its cancellation", false, true).
				unless(ductile, "Async", "do_concurrent.go", "func Async[T any]("),
			tried("hedge: a caller who goes does not wait for copies that ignore it, by default", copied,
				"a caller who goes does not wait for copies that ignore it", false, false).
				unless(ductile, "Async", "do_concurrent.go", "func Async[T any]("),
			tried("hedge: copies are bounded by a budget, by default", copied, "copies are bounded by a budget, by default", true, false).
				unless(failsafe, "WithBudget", "hedgepolicy/hedge.go", "WithBudget(hedgeBudget budget.Budget)"),
			tried("hedge: a panic in the first copy reaches the caller", ended, "the first copy panics", true, false),
			tried("hedge: a panic in the second copy reaches the caller", ended, "the second copy panics", true, false),
			tried("hedge: a call all of whose copies exit returns", ended, "both copies exit", true, false),
		},
	}
}

// order is whose answers a test expects, in its order; nil is one that is not in these tables.
var order = map[string][]*library{
	"TestComparison":               {ductile, failsafe, gobreaker},
	"TestComparisonOfRetries":      {ductile, failsafe},
	"TestComparisonOfBulkheads":    {ductile, failsafe},
	"TestComparisonOfHedges":       {ductile, nil, failsafe}, // the second is ductile with Async
	"TestComparisonOfAbnormalEnds": {ductile, failsafe},
	"TestBubbles":                  {ductile, failsafe, gobreaker, eapache, aegis, zero},
}

// tried is a row that a test has under a name, that of the library unless there is another, and what it expects of the libraries of its order.
func tried(feature, test, name string, holds ...bool) row {
	cells := map[*library]cell{}
	for _, l := range order[test] {
		if l == nil {
			continue
		}
		says := "✗"
		if holds[len(cells)] {
			says = "✓"
		}
		its := name
		if its == "" {
			its = l.name
		}
		cells[l] = cell{says: says, test: &claim{test, its, holds[len(cells)]}}
	}
	return row{feature: feature, cells: cells}
}

// unless adds an option by which it is otherwise.
func (r row) unless(l *library, option, file, text string) row {
	c := r.cells[l]
	c.says += " (✓ with `" + option + "`)"
	r.cells[l] = c.also(file, text)
	return r
}

// and adds what is read of others.
func (r row) and(others map[*library]cell) row {
	maps.Copy(r.cells, others)
	return r
}
