package main

import (
	"context"
	"errors"
	"sync"

	gv "github.com/gvthread/gvthread/runtime"
)

// threadCrew returns the measure of an operation that size threads of one priority
// repeat, on so many workers. newOp returns it for each thread.
func threadCrew(c gv.Config, size int, newOp func() func()) measure {
	return func(t turn) (v values, err error) {
		err = t.withRuntime(c, func(rt *gv.Runtime) error {
			var c crew
			threads := make([]*gv.Thread, size)
			for i := range threads {
				threads[i] = rt.Go(func(context.Context) error {
					c.work(newOp())
					return nil
				})
			}
			took := c.time(size, t.long)
			err := waitAll(threads)
			v = values{c.perOp(took)}
			return err
		})
		return v, err
	}
}

// waitAll waits for threads and returns their errors.
func waitAll(threads []*gv.Thread) error {
	var errs []error
	for _, th := range threads {
		errs = append(errs, th.Wait())
	}
	return errors.Join(errs...)
}

// goCrew is threadCrew with goroutines on so many processors.
func goCrew(procs, size int, newOp func() func()) measure {
	return func(t turn) (v values, err error) {
		withProcs(procs, func() {
			var c crew
			var wg sync.WaitGroup
			for range size {
				wg.Go(func() { c.work(newOp()) })
			}
			took := c.time(size, t.long)
			wg.Wait()
			v = values{c.perOp(took)}
		})
		return v, nil
	}
}

// same is the newOp of an operation that needs nothing of its own.
func same(op func()) func() func() {
	return func() func() { return op }
}
