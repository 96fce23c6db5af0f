package main

import (
	"context"
	"sync"

	gv "github.com/gvthread/gvthread/runtime"
)

// burst is how many are started at once.
const burst = 100_000

// spawnRows are about starting threads.
func spawnRows() []row {
	return []row{
		pathRow("spawn", "start one that does nothing and wait for its end, one worker", "spawn", 1, 1),
		{
			name: "spawn_burst", about: "one of 100,000 that are started and then waited for, two workers", unit: "ns/op", more: priceMore,
			most: 5, apart: true, threads: burstOfThreads, goroutines: burstOfGoroutines,
		},
		pathRow("do", "run a function that does nothing from a goroutine and wait for its end (start a goroutine and wait)", "do", 1, 1),
	}
}

// burstOfThreads times the second burst: in the first the process gets its memory.
func burstOfThreads(t turn) (v values, err error) {
	err = t.withRuntime(gv.Config{Workers: 2}, func(rt *gv.Runtime) error {
		return rt.Run(func(context.Context) error {
			for range 2 {
				stop := stopwatch()
				var wg gv.WaitGroup
				for range burst {
					wg.Go(func(context.Context) error { return nil })
				}
				wg.Wait()
				v = stop().each(burst)
			}
			return nil
		})
	})
	return v, err
}

func burstOfGoroutines(turn) (v values, err error) {
	withProcs(2, func() {
		for range 2 {
			stop := stopwatch()
			var wg sync.WaitGroup
			for range burst {
				wg.Go(func() {})
			}
			wg.Wait()
			v = stop().each(burst)
		}
	})
	return v, nil
}
