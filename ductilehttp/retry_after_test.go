package ductilehttp

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		values []string
		date   string
		want   time.Duration
		ok     bool
	}{
		{nil, "", 0, false},
		{[]string{"120"}, "", 2 * time.Minute, true},
		{[]string{" 120 "}, "", 2 * time.Minute, true},
		{[]string{"0"}, "", 0, true},
		{[]string{"1.5"}, "", 1500 * time.Millisecond, true},
		{[]string{"-1"}, "", 0, true},
		{[]string{"1e3"}, "", 1000 * time.Second, true},
		{[]string{"1e400"}, "", math.MaxInt64, true},
		{[]string{"99999999999999999999"}, "", math.MaxInt64, true},
		{[]string{"NaN"}, "", 0, false},
		{[]string{"Inf"}, "", 0, false},
		{[]string{"0x10"}, "", 0, false},
		{[]string{"1_000"}, "", 0, false},
		{[]string{""}, "", 0, false},
		{[]string{"soon"}, "", 0, false},
		{[]string{"120", "60"}, "", 0, false},
		{[]string{strings.Repeat("1", 1<<20)}, "", 0, false},
		{[]string{"Sun, 22 Nov 2026 12:01:00 GMT"}, "", time.Minute, true},
		{[]string{"Sun, 22 Nov 2026 11:59:00 GMT"}, "", 0, true},
		{[]string{"Sun, 22 Nov 2026 12:01:00 GMT"}, "Sun, 22 Nov 2026 12:00:30 GMT", 30 * time.Second, true},
		{[]string{"Sunday, 22-Nov-26 12:01:00 GMT"}, "", time.Minute, true},
		{[]string{"Fri, 31 Dec 9999 23:59:59 GMT"}, "", math.MaxInt64, true},
	} {
		header := http.Header{}
		if test.values != nil {
			header["Retry-After"] = test.values
		}
		if test.date != "" {
			header.Set("Date", test.date)
		}
		got, ok := retryAfter(header, now)
		assert.Equal(t, test.ok, ok, "%.60q", test.values)
		assert.Equal(t, test.want, got, "%.60q", test.values)
	}
}
