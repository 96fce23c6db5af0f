package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// busy is how many compute beside the one that is measured.
const busy = 64

// wakeRows are about a Critical thread that wakes up beside Low ones that compute.
func wakeRows() []row {
	wake := func(name, about string, work func()) row {
		return row{
			name: name, about: about, unit: "ns", more: latenessMore,
			threads: func(t turn) (values, error) {
				var late []time.Duration
				err := besideThreads(t, work, func(rt *gv.Runtime) error {
					return rt.Go(func(context.Context) error {
						late = naps(waits*t.long, func() { gv.Sleep(nap) }, 0)
						return nil
					}, gv.WithPriority(gv.Critical)).Wait()
				})
				return lateness(late), err
			},
			goroutines: func(t turn) (values, error) {
				var late []time.Duration
				besideGoroutines(func() { late = naps(waits*t.long, func() { time.Sleep(nap) }, 0) })
				return lateness(late), nil
			},
		}
	}
	return []row{
		wake("wake_cooperative", "how late a Critical one wakes that sleeps for 1 ms, beside 64 Low ones that compute and have safepoints, two workers",
			func() {
				spin(100)
				gv.Safepoint()
			}),
		wake("wake_forced", "the same without safepoints", func() { spin(100) }),
	}
}

// besideThreads calls fn with a runtime of two workers on which 64 Low threads do work
// again and again.
func besideThreads(t turn, work func(), fn func(rt *gv.Runtime) error) error {
	return t.withRuntime(gv.Config{Workers: 2}, func(rt *gv.Runtime) error {
		var stop atomic.Bool
		threads := make([]*gv.Thread, busy)
		for i := range threads {
			threads[i] = rt.Go(func(context.Context) error {
				for !stop.Load() {
					work()
				}
				return nil
			}, gv.WithPriority(gv.Low))
		}
		err := fn(rt)
		stop.Store(true)
		if err != nil {
			return err
		}
		return waitAll(threads)
	})
}

// besideGoroutines calls fn while 64 goroutines compute on two processors.
func besideGoroutines(fn func()) {
	withProcs(2, func() {
		var stop atomic.Bool
		var wg sync.WaitGroup
		for range busy {
			wg.Go(func() {
				for !stop.Load() {
					spin(100)
				}
			})
		}
		fn()
		stop.Store(true)
		wg.Wait()
	})
}
