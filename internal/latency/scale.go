package latency

import (
	"math/bits"
	"time"
)

// The scale: sixteen buckets for each power of two, so that none is wider than a sixteenth of what it holds. It is the scale of HDR
// histograms (Tene), with fewer digits.
const (
	perPower  = 1 << powerBits
	powerBits = 4

	lowBits  = 12 // 4 µs
	highBits = 39 // 9 min
	buckets  = (highBits-lowBits)*perPower + 2
)

// Shortest and Longest are the ends of the scale, 4 µs and 9 min. What is shorter or longer is counted as such, but not told apart.
const (
	Shortest time.Duration = 1 << lowBits
	Longest  time.Duration = 1 << highBits
)

// Floor returns the least duration that is counted together with d.
func Floor(d time.Duration) time.Duration { return least(bucketOf(d)) }

// bucketOf returns the bucket that counts a duration: the first for all that are too short, the last for all that are too long.
func bucketOf(d time.Duration) int {
	switch {
	case d < Shortest:
		return 0
	case d >= Longest:
		return buckets - 1
	}
	power := bits.Len64(uint64(d)) - 1
	return 1 + (power-lowBits)*perPower + int(d>>(power-powerBits)) - perPower
}

// least returns the shortest duration in a bucket.
func least(bucket int) time.Duration {
	if bucket == 0 {
		return 0
	}
	power, step := (bucket-1)/perPower+lowBits, (bucket-1)%perPower
	return time.Duration(perPower+step) << (power - powerBits)
}

// most returns the longest duration in a bucket, and for the last the end of the scale.
func most(bucket int) time.Duration {
	if bucket == buckets-1 {
		return Longest
	}
	return least(bucket+1) - 1
}
