package main

import (
	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
)

// recordedRows are about what a flight recorder costs. Both sides are threads, the second
// without one.
func recordedRows() []row {
	p := pathNamed("yield")
	return []row{{
		name: "yield_recorded", about: p.About + ", with a gvtrace.FlightRecorder, and without", unit: "ns/op", more: priceMore,
		threads: perOp(func(t turn, n int, measure func(func())) error {
			return t.withRuntime(gv.Config{Workers: 1}, func(rt *gv.Runtime) error {
				recorder := gvtrace.NewFlightRecorder(rt, gvtrace.Config{})
				if err := recorder.Start(); err != nil {
					return err
				}
				defer recorder.Stop()
				return p.Thread(rt, n, measure)
			})
		}),
		goroutines: pathOfThreads(p, 1, gv.Config{Workers: 1}),
	}}
}
