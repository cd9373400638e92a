package latency

import "time"

// Resize gives the window another span at a time, and keeps what lies in both: the slices into whose time the new window reaches, each as
// if all of it had been recorded at its end. So what was recorded is kept for up to a slice longer than without, with every Resize, and
// never shorter than the new span says. Of what is recorded in the very instant nothing is lost, unless the window also moves on: then it
// may be in the slice of before, and be left out with that.
func (w *Window) Resize(span, now time.Duration) {
	w.Advance(now)
	before, origin, latest := w.slice, w.origin, w.latest.Load()
	w.slice = span / Slices
	// The slices have new numbers, such that the latest stays in its place: nobody who records notices, and what is there stays.
	w.origin = Slices + (latest+Slices-w.since(now)%Slices)%Slices
	newest := w.at(now)
	w.latest.Store(newest)
	for i := range buckets {
		var moved [Slices]uint32
		for slice := latest - Slices + 1; slice < latest; slice++ {
			n := w.counts[slice%Slices][i].Swap(0)
			end := before*(time.Duration(slice)-time.Duration(origin)+1) - 1
			if to := w.at(min(end, now)); to+Slices > newest {
				moved[to%Slices] += n
			}
		}
		for slot, n := range moved {
			if n > 0 {
				w.counts[slot][i].Add(n)
			}
		}
	}
}
