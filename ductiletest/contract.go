package ductiletest

// What each promise asks, and in whose words. What stands in quotation marks is taken from the documentation of the package that is
// named before it, word for word: a test looks it up.
const (
	owesShape = `a name that stays, and no methods of another shape. ductile.Policy: "Besides its name it has the methods of exactly one shape".` +
		` ductile.Policy: "Name is how errors, telemetry and Pipeline.String call the policy."`
	owesReason = `an error that a person can act upon, and that says who refused. ductile.Gate: "Acquire admits the call or returns why not."` +
		` ductile.Gate: "The error is returned to the caller as a rejection by this gate". fault.RetryAfter: "It is never negative."`
	owesRefusal = `a call that was refused leaves the gate as it was. ductile.Gate: "Acquire admits the call or returns why not."` +
		` ductile.Gate: "Release is called exactly once for each call that Acquire admitted", and so not for this one`
	owesPlace = `whatever the call took is back once it is released, however it ended. ductile.Gate: "Release is called exactly once for` +
		` each call that Acquire admitted: when it returned, panicked, or ended by Goexit."`
	owesBlame = `what is not the dependency's fault is not held against it. ductile.Gate: "Package fault classifies err".` +
		` fault.Class: "Failure reports whether the dependency is at fault: transient, timeout, overload, or a panic."`
	owesReturn = `a gate that refuses after failures finds out when to admit again, whatever its first calls end in. ductile.Gate: "Release is` +
		` called exactly once for each call that Acquire admitted: when it returned, panicked, or ended by Goexit."`
	owesHeed = `Acquire returns when its context ends, and at once where it has ended. ductile.Gate: "A gate that waits must heed ctx."`
	owesWait = `a call that was not admitted leaves the gate as it was, its queue too. ductile.Gate: "A gate that waits must heed ctx."` +
		` ductile.Gate: "Release is called exactly once for each call that Acquire admitted", and so not for this one`
	owesTurn = `a call that waits is admitted when there is a place, or told why not. ductile.Gate: "Acquire admits the call or returns why not."`
	owesLate = `a call may take hours, and the gate may have changed meanwhile. ductile.Gate: "token is the gate's own memory of the call."` +
		` ductile.Gate: "Release is called exactly once for each call that Acquire admitted: when it returned, panicked, or ended by Goexit."`
	owesOnce = `its tokens tell calls apart, so that it can tell that this one is over. The driver does not ask it: ductile.Gate: "Release is` +
		` called exactly once for each call that Acquire admitted"; who drives a gate by hand will. ductile.Gate: "token is the gate's own memory of the call."`
	owesTimed = `the same as from Release. ductile.Gate: "A gate may have a method ReleaseAt(token uint64, at time.Time, err error) besides,` +
		` called in its place where the driver knows when the call ended"`
	owesLimit = `the same limit for calls that come together. ductile.Gate: "A Gate admits or refuses a call and is told how it ended."`

	owesAcquire = `to admit, to refuse or to wait. ductile.Gate: "Acquire admits the call or returns why not."`
	owesRelease = `to take note, and return. ductile.Gate: "Release is called exactly once for each call that Acquire admitted: when it` +
		` returned, panicked, or ended by Goexit."`
	owesMeasure = `a gate that can be compared with a fresh one. ductiletest.Gate: "build returns a new gate each time, and is called many times."`
	owesBubble  = `to leave nothing behind, or to have a method Close that ends it. ductiletest.Gate: "it must not reach outside"`
)
