package ductiletest

// endsIn: calls that end so cost the gate nothing for good, and nothing at all where the dependency is not to blame.
func endsIn(x *trial, e end) {
	is := x.kit.is
	gate := x.build()
	x.did("made calls that ended in %s, %d or as many as it admitted at once", e.name, is.calls)
	admitted := x.calls(gate, e, is.calls)
	if admitted == 0 {
		x.moot("admits no call at once")
	}
	if !e.blames {
		control := x.build()
		all := x.calls(control, success(), is.calls)
		rest := x.offers(control, is.room)
		if admitted < all {
			x.findBy(owesBlame, "it admitted %d; where they end in success, it admits %d", admitted, all)
		}
		if now := x.offers(gate, is.room); now < rest {
			x.findBy(owesBlame, "it admits %d more at once; where they end in success, it admits %d", now, rest)
		}
	}
	x.recovers(gate)
}

// triesAgainWith: a gate that refuses because calls failed tries again some time, and the calls with which it tries may end in
// anything. It stays able to recover.
func triesAgainWith(x *trial, e end) {
	gate := x.build()
	x.shut(gate, failing())
	for range 4 {
		probes := x.triesAgain(gate)
		x.did("made calls that fail until it refused, let time pass until it admitted some again, and had these end in %s", e.name)
		x.put(gate, probes, e.heard) // at once
		x.calls(gate, e, 50)         // one by one
	}
	x.recovers(gate)
}
