package main

import "time"

// A price is what something took.
type price struct {
	wall time.Duration // as a clock on the wall shows it
	// cpu is the processor time of the whole process. Programs that take the
	// processors away in between don't count in it.
	cpu time.Duration
}

// priceMore are the names of what price.each returns beside the time.
var priceMore = []string{"cpu"}

// stopwatch begins to measure, and returns what ends it.
func stopwatch() (stop func() price) {
	began, used := time.Now(), processorTime()
	return func() price { return price{time.Since(began), processorTime() - used} }
}

// each returns the price of each of n operations, in nanoseconds.
func (p price) each(n int64) values {
	return values{float64(p.wall) / float64(n), float64(p.cpu) / float64(n)}
}
