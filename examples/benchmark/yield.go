package main

import (
	goruntime "runtime"

	gv "github.com/gvthread/gvthread/runtime"
)

// yieldRows are about threads that yield in turn.
func yieldRows() []row {
	ring := func(name, about string, size, workers int) row {
		return row{
			name: name, about: about, unit: "ns/op", more: priceMore,
			threads:    threadCrew(gv.Config{Workers: workers}, size, gv.Yield),
			goroutines: goCrew(workers, size, goruntime.Gosched),
		}
	}
	return []row{
		pathRow("yield_2", "two that yield to each other on one worker", "yield", 1, 1),
		ring("yield_100", "100 that yield in turn on one worker", 100, 1),
		ring("yield_10000", "10,000 that yield in turn on one worker", 10_000, 1),
		ring("yield_100_workers_2", "100 that yield in turn on two workers", 100, 2),
	}
}
