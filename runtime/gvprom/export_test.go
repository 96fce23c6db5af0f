package gvprom

// NewHistogram makes a metric of a histogram.
var NewHistogram = newHistogram
