package ductiletest

import (
	"math/bits"
	"time"
)

// A histogram counts durations in buckets that are no wider than a 64th of what they hold: what it says is off by less than 1 %.
type histogram struct {
	counts []uint32 // by bucket, as many as are needed
	total  uint64
	most   time.Duration
}

const perPowerBits = 6

// bucketFor returns the bucket of a duration: its first seven bits, and how many come after them.
func bucketFor(d time.Duration) int {
	n := uint64(max(d, 0))
	after := max(bits.Len64(n)-perPowerBits-1, 0)
	return after<<perPowerBits + int(n>>after)
}

// middleOf returns the middle of a bucket.
func middleOf(bucket int) time.Duration {
	after := max(bucket>>perPowerBits-1, 0)
	first := uint64(bucket - after<<perPowerBits)
	return time.Duration(first<<after + (1<<after)/2)
}

func (h *histogram) add(d time.Duration) {
	bucket := bucketFor(d)
	if need := bucket + 1 - len(h.counts); need > 0 {
		h.counts = append(h.counts, make([]uint32, need)...)
	}
	h.counts[bucket]++
	h.total++
	h.most = max(h.most, d)
}

// at returns the duration up to which a share of all are.
func (h *histogram) at(share float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank, below := uint64(share*float64(h.total)), uint64(0)
	for bucket, n := range h.counts {
		if below += uint64(n); below > rank {
			return min(middleOf(bucket), h.most)
		}
	}
	return h.most
}

func (h *histogram) addAll(other *histogram) {
	if need := len(other.counts) - len(h.counts); need > 0 {
		h.counts = append(h.counts, make([]uint32, need)...)
	}
	for bucket, n := range other.counts {
		h.counts[bucket] += n
	}
	h.total += other.total
	h.most = max(h.most, other.most)
}
