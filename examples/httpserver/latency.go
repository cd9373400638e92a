package main

import (
	"fmt"
	"slices"
	"time"
)

// latencies are times that answers took.
type latencies []time.Duration

// quantile returns the shortest time that so many hundredths did not exceed: 99 is p99. It is zero where there were no answers.
func (l latencies) quantile(hundredths int) time.Duration {
	if len(l) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l))
	rank := (len(l)*hundredths + 99) / 100
	return sorted[max(rank, 1)-1]
}

// shown prints a quantile, if there is one.
func (l latencies) shown(hundredths int) string {
	if len(l) == 0 {
		return "-"
	}
	return ms(l.quantile(hundredths))
}

// ms prints a time in milliseconds, with a digit after the point where that is worth it.
func ms(d time.Duration) string {
	if d < 9950*time.Microsecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
}

// percent prints a share.
func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
