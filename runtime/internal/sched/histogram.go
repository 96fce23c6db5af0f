package sched

import (
	"math"
	"math/bits"
)

// A Histogram counts times by their length. There are two buckets for each power of two, of
// equal ratio, one for all that is shorter, and one for all that is longer: so it has no
// gap and no cap, and what it says of a time in between is at most 42% off.
type Histogram [histogramBuckets]uint64

const (
	// shortest and longest are the powers of two, in nanoseconds, between which the
	// buckets are: 256 ns and 137 s.
	shortest         = 8
	longest          = 37
	histogramBuckets = 2*(longest-shortest) + 2
)

// sqrt2 is the square root of two, as the 64 bits of a number between 1 and 2, rounded up:
// it is no fraction, so nothing is equal to it.
const sqrt2 = 0xB504F333F9DE6485

// add counts a time in nanoseconds.
func (h *Histogram) add(ns int64) { h[bucket(ns)]++ }

// bucket returns the bucket of a time in nanoseconds.
func bucket(ns int64) int {
	if ns < 1<<shortest {
		return 0
	}
	power := bits.Len64(uint64(ns)) - 1
	i := 1 + 2*(power-shortest)
	if uint64(ns)<<(63-power) >= sqrt2 {
		i++
	}
	return min(i, histogramBuckets-1)
}

// HistogramBounds returns the bounds of the buckets in nanoseconds: bucket i has the times
// from bound i on that are below bound i+1.
func HistogramBounds() []float64 {
	bounds := make([]float64, histogramBuckets+1)
	for i := range bounds {
		bounds[i] = math.Exp2(shortest + float64(i-1)/2)
	}
	bounds[0], bounds[histogramBuckets] = 0, math.Inf(1)
	return bounds
}
