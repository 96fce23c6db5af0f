package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// The phases of a crew.
const (
	starting = iota
	counting
	over
)

// A crew is a number of threads or goroutines that do the same for a while.
type crew struct {
	phase atomic.Int32
	begun atomic.Int32 // how many of them have begun
	some  atomic.Bool  // an operation is done
	done  atomic.Int64 // how many, when the time is over
}

// work does op until the time is over, and counts.
func (c *crew) work(op func()) {
	c.begun.Add(1)
	for n := int64(0); ; {
		phase := c.phase.Load()
		if phase == over {
			c.done.Add(n)
			return
		}
		op()
		if phase != counting {
			continue
		}
		if n == 0 {
			c.some.Store(true)
		}
		n++
	}
}

// price waits until size have begun, and returns what it took while it let them count,
// for long and until an operation is done. It runs in a goroutine beside them.
func (c *crew) price(size int, long time.Duration) price {
	for c.begun.Load() < int32(size) {
		time.Sleep(100 * time.Microsecond)
	}
	stop := stopwatch()
	c.phase.Store(counting)
	time.Sleep(long)
	for !c.some.Load() {
		time.Sleep(100 * time.Microsecond)
	}
	p := stop()
	c.phase.Store(over)
	return p
}

// threadCrew returns the measure of the price of an operation that size threads of one
// priority repeat.
func threadCrew(c gv.Config, size int, op func()) measure {
	return func(t turn) (v values, err error) {
		err = t.withRuntime(c, func(rt *gv.Runtime) error {
			var c crew
			threads := make([]*gv.Thread, size)
			for i := range threads {
				threads[i] = rt.Go(func(context.Context) error {
					c.work(op)
					return nil
				})
			}
			p := c.price(size, t.long)
			err := waitAll(threads)
			v = p.each(c.done.Load())
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
func goCrew(procs, size int, op func()) measure {
	return func(t turn) (v values, err error) {
		withProcs(procs, func() {
			var c crew
			var wg sync.WaitGroup
			for range size {
				wg.Go(func() { c.work(op) })
			}
			p := c.price(size, t.long)
			wg.Wait()
			v = p.each(c.done.Load())
		})
		return v, nil
	}
}
