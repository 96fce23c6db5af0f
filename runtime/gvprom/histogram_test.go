package gvprom_test

import (
	"maps"
	"math"
	"runtime/metrics"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvprom"
)

// histogramOf returns what a server gets of a histogram.
func histogramOf(t *testing.T, h *metrics.Float64Histogram, native bool) *dto.Histogram {
	t.Helper()
	var m dto.Metric
	desc := prometheus.NewDesc("waits", "Waits.", nil, nil)
	if err := gvprom.NewHistogram(desc, h, 7, native).Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetHistogram()
}

// someWaits returns a histogram with the bounds of Stats.WaitTime, and another count in each
// bucket.
func someWaits(t *testing.T) (h *metrics.Float64Histogram, count uint64) {
	t.Helper()
	h = open(t, gv.Config{Workers: 1, Accounting: true}).Stats().WaitTime[gv.Low]
	for i := range h.Counts {
		h.Counts[i] = uint64(1 + i%7)
		count += h.Counts[i]
	}
	return h, count
}

// The classic buckets end with the powers of two.
func TestClassicBuckets(t *testing.T) {
	waits, count := someWaits(t)
	h := histogramOf(t, waits, false)
	if h.GetSampleSum() != 7 || h.GetSampleCount() != count || h.Schema != nil {
		t.Errorf("sum %v, count %d, schema %d; want 7, %d and none", h.GetSampleSum(), h.GetSampleCount(), h.GetSchema(), count)
	}
	below := map[float64]uint64{}
	var n uint64
	for i, c := range waits.Counts {
		n += c
		below[waits.Buckets[i+1]] = n
	}
	bound := 256e-9
	for _, b := range h.GetBucket() {
		if math.Abs(b.GetUpperBound()/bound-1) > 1e-9 || b.GetCumulativeCount() != below[b.GetUpperBound()] {
			t.Errorf("%d times are below %v s, want %d below %v s", b.GetCumulativeCount(), b.GetUpperBound(), below[b.GetUpperBound()], bound)
		}
		bound *= 2
	}
	if bound < 100 {
		t.Errorf("the last buckets begin with %v s", bound/2)
	}
}

// Native buckets are those of the waits, moved by less than 8%, and come beside the classic
// ones.
func TestNativeBuckets(t *testing.T) {
	waits, count := someWaits(t)
	h := histogramOf(t, waits, true)
	if h.GetSchema() != 1 || h.GetZeroThreshold() != waits.Buckets[1] || h.GetZeroCount() != waits.Counts[0] {
		t.Errorf("schema %d, %d times below %v s; want 1, %d and %v", h.GetSchema(), h.GetZeroCount(), h.GetZeroThreshold(), waits.Counts[0], waits.Buckets[1])
	}
	if h.GetSampleSum() != 7 || h.GetSampleCount() != count || len(h.GetBucket()) == 0 {
		t.Errorf("sum %v, count %d, %d classic buckets; want 7, %d and some", h.GetSampleSum(), h.GetSampleCount(), len(h.GetBucket()), count)
	}
	want := map[int]int64{}
	for i, n := range waits.Counts[1:] {
		begin := waits.Buckets[i+1]
		index := int(math.Ceil(2*math.Log2(begin) + 0.5)) // of what is in the middle
		want[index] = int64(n)
		if moved := math.Exp2(float64(index-1)/2) / begin; math.Abs(moved-1) >= 0.08 {
			t.Errorf("the bucket from %v s on is moved by a factor of %v", begin, moved)
		}
	}
	if got := nativeBuckets(h); !maps.Equal(got, want) {
		t.Errorf("native buckets %v, want %v", got, want)
	}
}

// nativeBuckets returns how many times are in each native bucket, by index. The format has
// differences, in spans.
func nativeBuckets(h *dto.Histogram) map[int]int64 {
	all := map[int]int64{}
	index, count, deltas := 0, int64(0), h.GetPositiveDelta()
	for _, span := range h.GetPositiveSpan() {
		index += int(span.GetOffset())
		for range span.GetLength() {
			count += deltas[0]
			deltas = deltas[1:]
			all[index] = count
			index++
		}
	}
	return all
}
