package ductilehttp

import (
	"net/http"
	"testing"
	"time"
)

// Whatever a peer sends: no panic, never a negative time, and no time without a hint.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "-1", "1.5", "1e400", "NaN", "Sun, 22 Nov 2026 12:01:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "\x00"} {
		f.Add(seed, "", false)
		f.Add("60", seed, true)
	}
	f.Fuzz(func(t *testing.T, value, date string, twice bool) {
		header := http.Header{"Retry-After": {value}, "Date": {date}}
		if twice {
			header["Retry-After"] = append(header["Retry-After"], value)
		}
		after, ok := retryAfter(header, time.Now())
		if after < 0 || !ok && after != 0 || twice && ok {
			t.Errorf("%q, %q: %v, %v", header["Retry-After"], date, after, ok)
		}
	})
}
