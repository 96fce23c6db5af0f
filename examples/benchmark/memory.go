package main

import (
	"context"
	goruntime "runtime"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// parked is how many are parked at once.
const parked = 100_000

// memoryRows are about what a parked thread takes.
func memoryRows() []row {
	return []row{{
		name: "parked_memory", about: "stack and heap of one of 100,000 that wait to receive from a channel", unit: "B",
		most: 1, apart: true, threads: parkedThreads, goroutines: parkedGoroutines,
	}}
}

// inUse returns what is in use after a garbage collection, in bytes.
func inUse() float64 {
	goruntime.GC()
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return float64(m.StackInuse + m.HeapAlloc)
}

func parkedThreads(t turn) (v values, err error) {
	err = t.withRuntime(gv.Config{Workers: 2}, func(rt *gv.Runtime) error {
		gate := gv.NewChan[int](0)
		threads := make([]*gv.Thread, parked)
		before := inUse()
		for i := range threads {
			threads[i] = rt.Go(func(context.Context) error {
				gate.Recv()
				return nil
			})
		}
		untilBlocked(threads)
		v = values{(inUse() - before) / parked}
		gate.Close()
		return waitAll(threads)
	})
	return v, err
}

func parkedGoroutines(turn) (values, error) {
	gate := make(chan int)
	var arrived atomic.Int64
	before := inUse()
	for range parked {
		go func() {
			arrived.Add(1)
			<-gate
		}()
	}
	for arrived.Load() < parked {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(10 * time.Millisecond) // the last of them park
	v := values{(inUse() - before) / parked}
	close(gate)
	return v, nil
}
