package main

import (
	"fmt"
	"slices"
	"time"
)

// latencies are times that calls took, in ascending order.
type latencies []time.Duration

// quantile returns the shortest time that so many thousandths of the calls did not exceed: 990 is p99.
func (l latencies) quantile(thousandths int) time.Duration {
	if len(l) == 0 {
		return 0
	}
	rank := (len(l)*thousandths + 999) / 1000
	return l[max(rank, 1)-1]
}

// slower returns the share of the calls that took longer than a time.
func (l latencies) slower(than time.Duration) float64 {
	if len(l) == 0 {
		return 0
	}
	i, _ := slices.BinarySearch(l, than+1)
	return float64(len(l)-i) / float64(len(l))
}

// ms prints a time in milliseconds, with a digit after the point where that is worth it.
func ms(d time.Duration) string {
	if d < 9950*time.Microsecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
}

// percent prints a share.
func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
