package ductiletest

import (
	"fmt"
	"iter"
	"net/http"
	"testing"
)

// RoundTripper checks that a transport keeps the contract of net/http's RoundTripper, and what users of http.Client rely on besides. It is
// for transports that wrap another: that repeat, send copies, give up, refuse, or only watch.
//
//	func TestTransport(t *testing.T) {
//		ductiletest.RoundTripper(t, func(base http.RoundTripper) http.RoundTripper {
//			return retrying.New(base, retrying.Attempts(3), retrying.Wait(time.Millisecond))
//		})
//	}
//
// wrap puts the transport to be judged around base, which reaches real servers over HTTP/1.1, HTTP/2 and unencrypted HTTP/2. It is called
// several times for each promise, and returns a new transport each time. Each promise is a subtest with one for each protocol, so that -v
// lists them and -skip leaves one out. What a transport gives no occasion to check is skipped with the reason: where nothing is repeated,
// no body can be sent twice. What is found is told in three lines, as by [Gate].
//
// The kit knows no policies, and a transport without any keeps every promise. So give it some, that much is tried, and let them be quick:
//
//   - A retry of an answer 503 and of failed connections: 3 attempts, and milliseconds between them.
//   - A hedge that sends its copy after some tens of milliseconds, and not earlier: what is quick is then not copied.
//   - A timeout of a second. Below, a busy machine breaks promises; one above two seconds is not waited for.
//   - A breaker that opens after less than a hundred failures, and a bulkhead for less than twenty requests.
//
// Where several policies go together, judge them together, too. A race is found by chance: use the race detector.
//
// A transport that does not return is a finding, after seconds. One that lets a panic of its base end a goroutine of its own ends the
// program, with a text that says which promise it was: the last of all, so that -v has shown what is known of the others.
func RoundTripper(t *testing.T, wrap func(base http.RoundTripper) http.RoundTripper) {
	t.Helper()
	e := examine(wrap, slow())
	defer e.end()
	for _, p := range e.pledges {
		t.Run(p.name, func(t *testing.T) {
			for _, over := range p.protocols() {
				if over == none {
					e.tell(t, p, over)
					continue
				}
				t.Run(over.String(), func(t *testing.T) { e.tell(t, p, over) })
			}
		})
	}
}

// tell judges whether a pledge is kept, and tells t.
func (e *examination) tell(t *testing.T, p pledge, over protocol) {
	t.Helper()
	switch v := e.judge(p, over); v.Outcome {
	case Broken:
		t.Error(v.Text)
	case Moot:
		t.Skip(v.Text)
	case Kept:
	}
}

// JudgeRoundTripper is [RoundTripper] without a test: for a command that compares transports, or shows how far one has come. It judges
// while the sequence is read, promise by promise.
//
//	for v := range ductiletest.JudgeRoundTripper(wrap) {
//		fmt.Println(v.Outcome, v.Promise, v.Protocol)
//	}
func JudgeRoundTripper(wrap func(base http.RoundTripper) http.RoundTripper) iter.Seq[Verdict] {
	return func(yield func(Verdict) bool) {
		e := examine(wrap, slow())
		defer e.end()
		for _, p := range e.pledges {
			for _, over := range p.protocols() {
				if !yield(e.judge(p, over)) {
					return
				}
			}
		}
	}
}

// A Verdict is what [JudgeRoundTripper] says of one promise over one protocol.
type Verdict struct {
	Promise  string  // in words
	Protocol string  // "HTTP/1.1", "HTTP/2" or "h2c", and "" for a promise that no protocol has to do with
	Outcome  Outcome // whether it is kept
	Text     string  // what was found, or why there was nothing to find out; "" for a promise that is kept
}

// An Outcome is whether a promise is kept.
type Outcome int

// The outcomes of a promise: it is moot where a transport, or the protocol, gives no occasion to break it.
const (
	Kept Outcome = iota
	Broken
	Moot
)

// String returns the outcome in a word.
func (o Outcome) String() string {
	switch o {
	case Kept:
		return "kept"
	case Broken:
		return "broken"
	case Moot:
		return "moot"
	default:
		return fmt.Sprintf("Outcome(%d)", int(o))
	}
}
