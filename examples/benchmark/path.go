package main

import (
	"github.com/gvthread/gvthread/internal/hotpath"
	gv "github.com/gvthread/gvthread/runtime"
)

// pathNamed returns the hot path of that name.
func pathNamed(name string) hotpath.Path {
	p, ok := hotpath.Named(name)
	if !ok {
		panic("no hot path " + name)
	}
	return p
}

// pathRow is the row of a hot path, whose instructions are counted too, on so many
// workers. What the row calls an operation are scale of the path's.
func pathRow(name, about, path string, scale, workers int) row {
	p := pathNamed(path)
	return row{
		name: name, about: about, unit: "ns/op", more: priceMore,
		threads: pathOfThreads(p, scale, gv.Config{Workers: workers}),
		goroutines: perOp(func(t turn, n int, measure func(func())) error {
			withProcs(workers, func() { p.Goroutine(n*scale, measure) })
			return nil
		}),
	}
}

// pathOfThreads returns the measure of a path's price in threads.
func pathOfThreads(p hotpath.Path, scale int, c gv.Config) measure {
	return perOp(func(t turn, n int, measure func(func())) error {
		return t.withRuntime(c, func(rt *gv.Runtime) error {
			return p.Thread(rt, n*scale, measure)
		})
	})
}
