package main

import (
	"fmt"
	"time"
)

// latencies are times that calls took, in ascending order.
type latencies []time.Duration

// quantile returns the shortest time that so many hundredths of the calls did not exceed.
func (l latencies) quantile(hundredths int) time.Duration {
	if len(l) == 0 {
		return 0
	}
	rank := (len(l)*hundredths + 99) / 100
	return l[max(rank, 1)-1]
}

// ms prints a time in milliseconds, with a digit after the point where that is worth it.
func ms(d time.Duration) string {
	if d < 9950*time.Microsecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
}

// percent prints a share, of which nothing is rounded up to the whole.
func percent(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", float64(part*1000/whole)/10)
}
