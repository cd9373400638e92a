package main

import (
	"fmt"
	"slices"
	"time"
)

// latencies are times that calls took.
type latencies []time.Duration

// quantile returns the shortest time that so many hundredths of the calls did not exceed. It is zero where there were none.
func (l latencies) quantile(hundredths int) time.Duration {
	if len(l) == 0 {
		return 0
	}
	rank := (len(l)*hundredths + 99) / 100
	return slices.Sorted(slices.Values(l))[max(rank, 1)-1]
}

// median prints the median, if there is one.
func (l latencies) median() string {
	if len(l) == 0 {
		return "-"
	}
	return ms(l.quantile(50))
}

// ms prints a time in milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.0f ms", d.Seconds()*1000) }
