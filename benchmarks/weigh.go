package benchmarks

import "runtime"

// Weigh returns how many bytes one object holds, by making many: of the heap, and of the stacks of goroutines that it starts.
func Weigh(build func(i int) any, many int) uint64 {
	all := make([]any, many)
	before := live()
	for i := range all {
		all[i] = build(i)
	}
	after := live()
	runtime.KeepAlive(all)
	if after < before {
		return 0
	}
	return (after - before + uint64(many)/2) / uint64(many)
}

// live returns how many bytes of the heap and of stacks are in use.
func live() uint64 {
	runtime.GC()
	runtime.GC() // the second frees what the first found in pools
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse
}
