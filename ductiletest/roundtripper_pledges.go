package ductiletest

// answersAtAll is the pledge without which no other means anything.
const answersAtAll = "answers"

// pledges returns what a transport owes, in an order in which the simple comes first.
func pledges() []pledge {
	only1 := func(p pledge, why string) pledge {
		p.over, p.why = []protocol{http1}, why
		return p
	}
	one := []protocol{none}
	return []pledge{
		{name: answersAtAll, owed: owesAnswer, kept: answersPlain},
		{name: "returns an answer or an error", owed: owesOne, kept: answersOnce},
		{name: "returns an answer of any status", owed: owesStatus, kept: answersAnyStatus},
		{name: "returns the last answer when repeats do not help", owed: owesStatus, kept: answersBusy},
		{name: "hands on the answer as it is", owed: owesAsIs, kept: handsOn},
		{name: "hands on answers without a body", owed: owesBody, kept: answersBodiless},
		{name: "leaves redirects, authentication and cookies alone", owed: owesHigher, kept: leavesHigher},
		{name: "names the request of an answer", owed: owesSent, kept: namesRequest},

		{name: "streams an answer", owed: owesStream, kept: streamsAnswer},
		{name: "lets an answer be read to its end", owed: owesWhole, kept: readsWhole},
		{name: "lets the answer of a copy be read to its end", owed: owesWhole, kept: readsWinner},
		{name: "ends the reading when the context ends", owed: owesContext, kept: endsReading},
		{name: "says that an answer broke off", owed: owesBreak, kept: breaksOff},
		{name: "ends an answer whose body is closed", owed: owesClose, kept: closesEarly},
		{name: "hands on an answer's trailers", owed: owesTrailer, kept: answersTrailers},
		only1(pledge{name: "hands on an upgraded connection", owed: owesUpgrade, kept: upgrades}, "HTTP/2 has no 101 (RFC 9113, section 8.6)"),
		only1(pledge{name: "hands on CloseWrite of an upgraded connection", owed: owesHalf, kept: closesHalf},
			"HTTP/2 has no 101 (RFC 9113, section 8.6)"),
		{name: "lets httptrace hear", owed: owesTrace, kept: traces},

		{name: "does not modify the request", owed: owesUntouched, kept: leavesRequest},
		{name: "keeps method and target", owed: owesTarget, kept: keepsTarget},
		{name: "keeps an opaque URL", owed: owesTarget, kept: keepsOpaque},
		{name: "keeps the Host", owed: owesHost, kept: keepsHost},
		{name: "keeps the header", owed: owesHeader, kept: keepsHeader},
		{name: "keeps the length of a body", owed: owesLength, kept: keepsLength},
		{name: "streams the body of a request", owed: owesUpload, kept: streamsRequest},
		{name: "sends a request's trailers", owed: owesRequestTrailer, kept: sendsTrailers},
		{name: "keeps Expect: 100-continue", owed: owesExpect, kept: expects},

		{name: "closes the body of a request that is answered", owed: owesClosed, kept: closesAnswered},
		{name: "closes the bodies of a request that is repeated", owed: owesClosed, kept: closesRepeated},
		{name: "closes the body of a request that fails", owed: owesClosed, kept: closesBroken},
		{name: "closes the body of a request that reaches nobody", owed: owesClosed, kept: closesUnreachable},
		{name: "closes the body of a request that is none", owed: owesClosed, kept: closesInvalid},
		{name: "closes the body where the context has ended before", owed: owesClosed, kept: closesDead},
		{name: "closes the body where the context ends on the way", owed: owesClosed, kept: closesCanceled},
		{name: "closes the body of a request that it refuses", owed: owesClosed, kept: closesRefused, over: one},

		{name: "sends each attempt the whole body", owed: owesFresh, kept: sendsWhole},
		{name: "sends each copy the whole body", owed: owesFresh, kept: copiesWhole},
		{name: "sends a body without GetBody whole or not again", owed: owesOnceOnly, kept: sendsOnce},
		{name: "sends nothing when GetBody fails", owed: owesBodyError, kept: failsWithGetBody},
		{name: "does not repeat a POST that is answered", owed: owesNoRepeat, kept: repeatsNoPost},
		{name: "does not repeat a POST that may have been done", owed: owesNoRepeat, kept: repeatsNoLostPost},
		{name: "sends no copy of a slow POST", owed: owesNoRepeat, kept: copiesNoPost},

		{name: "does not begin when the context has ended", owed: owesContext, kept: heedsDead},
		{name: "ends when the context is canceled", owed: owesContext, kept: heedsCancel},
		{name: "ends its wait when the context is canceled", owed: owesContext, kept: heedsCancelWaiting},
		{name: "makes a timeout of the context's deadline", owed: owesTimeout, kept: heedsDeadline},
		{name: "heeds http.Client's Timeout", owed: owesClientTimeout, kept: heedsClient},
		{name: "heeds Request.Cancel", owed: owesCancel, kept: heedsChannel},
		{name: "makes a timeout of its own limit", owed: owesTimeout, kept: saysTimeout, early: true},
		{name: "keeps the errors of the base", owed: owesCause, kept: keepsErrors, over: one},
		only1(pledge{name: "keeps the base's error about TLS as it is", owed: owesTLS, kept: keepsTLS}, "says nothing new: HTTP/1.1 is what such servers speak"),

		{name: "is safe for calls at once", owed: owesSafe, kept: keepsApart},
		{name: "closes answers that it drops", owed: owesDropped, kept: closesDropped},
		{name: "uses connections again", owed: owesReuse, kept: reusesConnections},
		{name: "forwards CloseIdleConnections", owed: owesIdle, kept: closesIdle},
		{name: "closes no connections by itself", owed: owesOthers, kept: leavesIdle},
		{name: "leaves no goroutine behind", owed: owesGone, kept: leavesNoGoroutine},
		{name: "lets go of the caller's context", owed: owesLetGo, kept: letsGo},
		{name: "lets a panic of the base pass", owed: owesPanic, kept: passesPanics, over: one},
	}
}
