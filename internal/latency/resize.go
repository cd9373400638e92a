package latency

import "time"

// Resize gives the window another span at a time, and keeps what lies in both: the slices into whose time the new window reaches, each as
// if all of it had been recorded at its end. So what was recorded is kept for up to a slice longer than without, with every Resize, and
// never shorter than the new span says.
func (w *Window) Resize(span, now time.Duration) {
	w.Advance(now)
	before, latest := w.slice, w.latest.Load()
	w.slice = span / Slices
	newest := w.at(now)
	var to [Slices]uint32 // by slot
	for slice := latest - Slices + 1; slice <= latest; slice++ {
		end := before*(time.Duration(slice)-Slices+1) - 1
		to[slice%Slices] = w.at(min(end, now))
	}
	w.latest.Store(newest)
	for i := range buckets {
		var moved [Slices]uint32
		for slot, slice := range to {
			n := w.counts[slot][i].Swap(0)
			if slice+Slices > newest {
				moved[slice%Slices] += n
			}
		}
		for slot, n := range moved {
			if n > 0 {
				w.counts[slot][i].Add(n)
			}
		}
	}
}
