package main

import (
	"context"

	gv "github.com/gvthread/gvthread/runtime"
)

// safepointRows are about Safepoint with nothing to do.
func safepointRows() []row {
	return []row{{
		name: "safepoint", about: "a round of a loop that adds, with a Safepoint, and the same loop without one", unit: "ns/op", more: priceMore,
		threads: perOp(func(t turn, n int, measure func(func())) error {
			return t.withRuntime(gv.Config{Workers: 1}, func(rt *gv.Runtime) error {
				return rt.Run(func(context.Context) error {
					measure(func() { addWithSafepoints(n) })
					return nil
				})
			})
		}),
		goroutines: perOp(func(_ turn, n int, measure func(func())) error {
			measure(func() { add(n) })
			return nil
		}),
	}}
}

// addWithSafepoints and add are not inlined, so that the compiler keeps their loops.
//
//go:noinline
func addWithSafepoints(n int) (x uint64) {
	for i := range n {
		x += uint64(i)
		gv.Safepoint()
	}
	return x
}

//go:noinline
func add(n int) (x uint64) {
	for i := range n {
		x += uint64(i)
	}
	return x
}
