package ductilegrpctest

// handsOnReply is the pledge without which no other means anything.
const handsOnReply = "hands on the reply"

// pledges returns what interceptors owe, in an order in which the simple comes first. The last may end the program.
func pledges() []pledge {
	return []pledge{
		{handsOnReply, owesReply, handsOn},
		{"hands on the status of an error", owesStatus, handsOnStatus},
		{"hands on the status when repeats do not help", owesStatus, handsOnLast},
		{"hands on header, trailer and peer", owesHeader, handsOnHeader},
		{"hands on header and trailer of an error", owesHeader, handsOnErrorHeader},
		{"hands on header and trailer of the attempt that counts", owesHeader, handsOnRepeatHeader},
		{"hands on header and trailer of the copy that counts", owesHeader, handsOnCopyHeader},
		{"calls OnFinish once", owesFinish, finishesOnce},
		{"calls OnFinish once for a call that is repeated", owesFinish, finishesRepeated},
		{"calls OnFinish once for a call that is copied", owesFinish, finishesCopied},

		{"sends the metadata with each attempt", owesSend, sendsMetadata},
		{"does not modify the request", owesRequest, leavesRequest},
		{"keeps the deadline with each attempt", owesLimit, keepsDeadline},
		{"keeps WaitForReady", owesReady, waitsForReady},
		{"fails at once without WaitForReady", owesFast, failsFast},

		{"does not begin when the context has ended", owesNothing, heedsDead},
		{"ends when the context is canceled", owesCanceled, heedsCancel},
		{"ends at the deadline", owesDeadline, heedsDeadline},
		{"ends its wait when the context is canceled", owesCanceled, heedsCancelWaiting},
		{"ends its wait at the deadline", owesLimit, heedsDeadlineWaiting},

		{"does not repeat what may have been done", owesOnce, repeatsNothingLost},
		{"does not repeat what is answered Unavailable, unless told", owesOnce, repeatsNothingRefused},
		{"sends no copy of a slow call, unless told", owesNoCopy, copiesNothing},
		{"does not repeat what would fail again", owesFinal, repeatsNothingFinal},
		{"does not repeat the server's DeadlineExceeded", owesTheirs, repeatsNoDeadline},
		{"does not repeat ResourceExhausted unasked", owesQuota, repeatsNoQuota},
		{"makes five attempts at most", owesFew, makesFew},
		{"waits as long as the server says", owesWait, heedsPushback},
		{"does not repeat where the pushback is negative", owesNo, heedsRefusal("-1")},
		{"does not repeat where the pushback is text", owesNo, heedsRefusal("soon")},
		{"does not repeat where there are several pushbacks", owesNone, heedsRefusal("10", "10")},
		{"tells the server of the attempts before", owesNumber, tellsBefore},

		{"gives each copy a reply of its own", owesOwn, ownsReplies},
		{"ends copies that lose", owesEnd, endsCopies},
		{"is safe for calls at once", owesApart, keepsApart},
		{"keeps one call's cancellation from another", owesApart, cancelsOne},

		{"hands on a stream from the server", owesStream, streamsOutput},
		{"hands on a stream's status", owesStreamError, streamsStatus},
		{"hands on a stream's header and trailer", owesStreamHeader, streamsHeader},
		{"calls OnFinish of a stream once", owesFinish, finishesStream},
		{"begins a stream anew whole or not at all", owesBegun, streamsWhole},
		{"does not begin a stream anew after its header", owesBegun, beginsAfterHeader},
		{"does not begin a stream anew after its first message", owesBegun, beginsAfterMessage},
		{"hands on a stream from the client", owesSending, streamsInput},
		{"does not repeat a stream from the client", owesOnce, repeatsNoInput},
		{"hands on a stream both ways", owesStream, streamsDuplex},
		{"does not repeat a stream both ways", owesOnce, repeatsNoDuplex},
		{"lets one send while another receives", owesBoth, streamsAtOnce},
		{"ends a stream when the context is canceled", owesLeft, endsStreamCanceled},
		{"ends a stream at the deadline", owesDeadline, endsStreamLate},
		{"ends a stream that nobody reads", owesLeft, endsStreamLeft},

		{passesOn, owesPanic, passesPanics},
	}
}

// passesOn is the pledge that may end the program.
const passesOn = "lets a panic of an inner interceptor pass" //nolint:gosec // no password
