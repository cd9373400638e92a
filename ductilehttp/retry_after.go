package ductilehttp

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// retryAfter returns the header Retry-After as a time from now (RFC 9110, section 10.2.3): seconds, which some servers send with a
// fraction, or a date, which is compared with the answer's own Date where it has one, so that the clocks need not agree. What cannot be
// understood is no hint, and neither are several values, of which nobody knows which is meant. What lies in the past is now; what
// is beyond a duration's range is the longest that there is.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	values := header["Retry-After"]
	if len(values) != 1 || len(values[0]) > 64 {
		return 0, false
	}
	value := strings.TrimSpace(values[0])
	if seconds, err := strconv.ParseFloat(value, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		switch {
		case math.IsNaN(seconds), strings.ContainsAny(value, "xXpPiInN_"): // ParseFloat takes more than RFCs do
			return 0, false
		case seconds <= 0:
			return 0, true
		case seconds >= math.MaxInt64/float64(time.Second):
			return math.MaxInt64, true
		default:
			return time.Duration(seconds * float64(time.Second)), true
		}
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return max(at.Sub(now), 0), true
}
