package sched

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Each time is in the bucket between whose bounds it is, also at the bounds.
func TestHistogramBuckets(t *testing.T) {
	bounds := HistogramBounds()
	if !slices.IsSorted(bounds) || bounds[0] != 0 || !math.IsInf(bounds[len(bounds)-1], 1) || len(bounds) != histogramBuckets+1 {
		t.Fatalf("bounds: %v", bounds)
	}
	check := func(ns int64) {
		t.Helper()
		i := bucket(ns)
		if v := float64(ns); v < bounds[i] || v >= bounds[i+1] {
			t.Errorf("%d ns are in bucket %d, which is from %v to %v", ns, i, bounds[i], bounds[i+1])
		}
	}
	for _, b := range bounds[:histogramBuckets] {
		for d := int64(-1); d <= 1; d++ {
			if ns := int64(math.Ceil(b)) + d; ns >= 0 {
				check(ns)
			}
		}
	}
	check(math.MaxInt64)
	for range 10_000 {
		check(rand.Int64() >> rand.IntN(63))
	}
	if i := bucket(-1); i != 0 {
		t.Errorf("a time that a bubble's clock has made negative is in bucket %d", i)
	}
}

// A histogram counts each time once.
func TestHistogramCounts(t *testing.T) {
	var h Histogram
	for _, ns := range []int64{0, 255, 256, 362, 363, 1 << 50} {
		h.add(ns)
	}
	want := Histogram{0: 2, 1: 2, 2: 1, histogramBuckets - 1: 1}
	if h != want {
		t.Errorf("got %v, want %v", h, want)
	}
}
