package gvprom

import (
	"math"
	"runtime/metrics"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// newHistogram returns h, whose times add up to sum, as a metric, also with native buckets
// if they are asked for.
func newHistogram(desc *prometheus.Desc, h *metrics.Float64Histogram, sum float64, native bool, labels ...string) prometheus.Metric {
	buckets, count := classic(h)
	m := prometheus.MustNewConstHistogram(desc, count, sum, buckets, labels...)
	if !native {
		return m
	}
	positive, zero, threshold := sparse(h)
	n := prometheus.MustNewConstNativeHistogram(desc, count, sum, positive, nil, zero, schema, threshold, time.Time{}, labels...)
	return histogram{m, n}
}

// classic returns, for each power of two among the bounds of h, how many times are below it,
// and how many there are in all.
func classic(h *metrics.Float64Histogram) (buckets map[float64]uint64, count uint64) {
	buckets = map[float64]uint64{}
	last := 0.0
	for i, n := range h.Counts {
		count += n
		// The bounds are those of equal ratio, two to a power of two; one in between is not
		// twice the last.
		if bound := h.Buckets[i+1]; bound > 1.9*last && !math.IsInf(bound, 1) {
			buckets[bound], last = count, bound
		}
	}
	return buckets, count
}

// schema is that of native histograms whose bounds are, as those of Stats.WaitTime, two to a
// power of two: bucket i ends with 2^(i/2) seconds.
const schema = 1

// sparse returns the native buckets of h. Each of its buckets is the native one that has its
// middle; the first is the zero bucket, which has what is below the threshold, and the last
// one, which has no end, the one in which it begins.
func sparse(h *metrics.Float64Histogram) (positive map[int]int64, zero uint64, threshold float64) {
	positive = map[int]int64{}
	for i, n := range h.Counts[1:] {
		if n > 0 {
			positive[int(math.Round(2*math.Log2(h.Buckets[i+1])))+1] += int64(n)
		}
	}
	return positive, h.Counts[0], h.Buckets[1]
}

// A histogram has classic buckets, and native ones.
type histogram struct {
	prometheus.Metric
	native prometheus.Metric
}

// Write writes both kinds.
func (h histogram) Write(m *dto.Metric) error {
	if err := h.Metric.Write(m); err != nil {
		return err
	}
	var n dto.Metric
	if err := h.native.Write(&n); err != nil {
		return err
	}
	m.Histogram.Schema = n.Histogram.Schema
	m.Histogram.ZeroThreshold = n.Histogram.ZeroThreshold
	m.Histogram.ZeroCount = n.Histogram.ZeroCount
	m.Histogram.PositiveSpan = n.Histogram.PositiveSpan
	m.Histogram.PositiveDelta = n.Histogram.PositiveDelta
	return nil
}
