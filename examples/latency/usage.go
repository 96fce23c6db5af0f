package main

import (
	"maps"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"time"
)

// A usage is what the server's process has used since its start.
type usage struct {
	// Of the collector: its cycles, how long it has stopped the world in all, and its
	// stops by their length in nanoseconds, which is one of those that the histogram of
	// runtime/metrics knows.
	Collections int64
	Stopped     time.Duration
	Stops       map[int64]int64
	// System is nil where the system doesn't tell.
	System *systemUsage
}

// A systemUsage is what the operating system knows of a process.
type systemUsage struct {
	Faults int64 // of pages, without reads from disk
	// Switches of all OS threads, also of those that have ended: a thread that has to
	// wait switches voluntarily, and is woken after; one that is displaced does not.
	Voluntary, Involuntary int64
	Sysmon                 time.Duration // processor time of Go's own monitor
	Resident               int64         // bytes in memory at the moment, 0 if not known
}

// stopMetric counts each stop of the world for a collection.
const stopMetric = "/sched/pauses/total/gc:seconds"

// currentUsage returns what the process has used. It doesn't stop the world.
func currentUsage() *usage {
	var gc debug.GCStats
	debug.ReadGCStats(&gc)
	u := &usage{
		Collections: gc.NumGC,
		Stopped:     gc.PauseTotal,
		Stops:       make(map[int64]int64),
		System:      currentSystemUsage(),
	}
	sample := []metrics.Sample{{Name: stopMetric}}
	metrics.Read(sample)
	h := sample[0].Value.Float64Histogram()
	for i, n := range h.Counts {
		// The first and the last bucket, which reach into the infinite, hold what can't be.
		if n > 0 && i > 0 && i < len(h.Counts)-1 {
			middle := (h.Buckets[i] + h.Buckets[i+1]) / 2
			u.Stops[int64(middle*float64(time.Second))] = int64(n)
		}
	}
	return u
}

// plus returns u + n·v. What is a level stays u's.
func (u *usage) plus(n int64, v *usage) *usage {
	if u == nil || v == nil {
		return nil // another build doesn't tell
	}
	sum := &usage{
		Collections: u.Collections + n*v.Collections,
		Stopped:     u.Stopped + time.Duration(n)*v.Stopped,
		Stops:       maps.Clone(u.Stops),
	}
	for length, stops := range v.Stops {
		sum.Stops[length] += n * stops
	}
	if a, b := u.System, v.System; a != nil && b != nil {
		sum.System = &systemUsage{
			Faults:      a.Faults + n*b.Faults,
			Voluntary:   a.Voluntary + n*b.Voluntary,
			Involuntary: a.Involuntary + n*b.Involuntary,
			Sysmon:      a.Sysmon + time.Duration(n)*b.Sysmon,
			Resident:    a.Resident,
		}
	}
	return sum
}

// resident returns how many bytes of the process are in memory, 0 if that is not known.
func (u *usage) resident() int64 {
	if u == nil || u.System == nil {
		return 0
	}
	return u.System.Resident
}

// stops returns how often the world was stopped.
func (u *usage) stops() (n int64) {
	for _, stops := range u.Stops {
		n += stops
	}
	return n
}

// longestStop returns the length that so many percent of the stops don't exceed, 0 if
// there was none.
func (u *usage) longestStop(percent float64) time.Duration {
	most, seen := percent/100*float64(u.stops()), int64(0)
	for _, length := range slices.Sorted(maps.Keys(u.Stops)) {
		if seen += u.Stops[length]; float64(seen) >= most {
			return time.Duration(length)
		}
	}
	return 0
}
