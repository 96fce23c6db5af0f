package main

import (
	"context"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// stopRows are about a thread that must be stopped by force.
func stopRows() []row {
	return []row{{
		name: "forced_stop", unit: "ns", more: latenessMore,
		about:   "from starting a Critical one until it runs in place of a Low one without safepoints, one worker (a goroutine on the only processor)",
		threads: stopThread, goroutines: stopGoroutine,
	}}
}

func stopThread(t turn) (values, error) {
	var late []time.Duration
	err := t.withRuntime(gv.Config{Workers: 1}, func(rt *gv.Runtime) error {
		var stop atomic.Bool
		var rounds atomic.Int64
		low := rt.Go(func(context.Context) error {
			for !stop.Load() {
				spin(100)
				rounds.Add(1)
			}
			return nil
		}, gv.WithPriority(gv.Low))
		for began := time.Now(); len(late) == 0 || time.Since(began) < waits*t.long; {
			for seen := rounds.Load(); rounds.Load() == seen; {
				time.Sleep(50 * time.Microsecond) // until it runs
			}
			asked := time.Now()
			var took time.Duration
			err := rt.Go(func(context.Context) error {
				took = time.Since(asked)
				return nil
			}, gv.WithPriority(gv.Critical)).Wait()
			if err != nil {
				return err
			}
			late = append(late, took)
		}
		stop.Store(true)
		return low.Wait()
	})
	return lateness(late), err
}

func stopGoroutine(t turn) (values, error) {
	var late []time.Duration
	withProcs(1, func() {
		var stop atomic.Bool
		var other sync.WaitGroup
		other.Go(func() {
			for !stop.Load() {
				spin(100)
			}
		})
		for began := time.Now(); len(late) == 0 || time.Since(began) < waits*t.long; {
			asked := time.Now()
			goruntime.Gosched() // the other runs, and this one is ready
			late = append(late, time.Since(asked))
		}
		stop.Store(true)
		other.Wait()
	})
	return lateness(late), nil
}
