package main

import (
	"github.com/gvthread/gvthread/internal/hotpath"
	gv "github.com/gvthread/gvthread/runtime"
)

// pathRow is the row of a hot path, whose instructions are counted too, on so many
// workers. What the row calls an operation are scale of the path's.
func pathRow(name, about, path string, scale, workers int) row {
	p, ok := hotpath.Named(path)
	if !ok {
		panic("no hot path " + path)
	}
	return row{
		name: name, about: about, unit: "ns/op", more: priceMore,
		threads: perOp(func(t turn, n int, measure func(func())) error {
			return t.withRuntime(gv.Config{Workers: workers}, func(rt *gv.Runtime) error {
				return p.Thread(rt, n*scale, measure)
			})
		}),
		goroutines: perOp(func(t turn, n int, measure func(func())) error {
			withProcs(workers, func() { p.Goroutine(n*scale, measure) })
			return nil
		}),
	}
}
