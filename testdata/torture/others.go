package main

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// otherRuntime opens a runtime, uses it a little, and closes it.
func otherRuntime(w *world, r *rand.Rand) {
	c := gv.Config{
		Engine:    choose(r, gv.Auto, gv.Portable),
		Workers:   1 + r.IntN(4),
		TimeSlice: time.Millisecond,
	}
	if c.Engine == gv.Auto {
		c.Stacks = w.plan.config.Stacks
		c.MaxThreads = 1 << 12 // several regions for the default are more than there is address space
	}
	rt, err := gv.New(c)
	if err != nil {
		w.r.violation("another runtime: %v", err)
		return
	}
	var ran atomic.Int32
	n := r.IntN(20)
	for range n {
		length := r.IntN(100_000)
		own := rand.New(rand.NewPCG(r.Uint64(), 0))
		rt.Go(func(context.Context) error {
			steps(1, length)
			gv.Yield()
			if own.IntN(8) == 0 {
				perform(w, own, 1) // on the other's runtime
			}
			err := gv.Sleep(time.Duration(length) * 10)
			ran.Add(1)
			return err
		}, gv.WithPriority(gv.Priority(r.IntN(4))))
	}
	if r.IntN(2) == 0 {
		if err := rt.Shutdown(context.Background()); err != nil {
			w.r.violation("Shutdown of another runtime: %v", err)
		}
		if got := int(ran.Load()); got != n {
			w.r.violation("another runtime ran %d of %d threads", got, n)
		}
	}
	if err := rt.Close(); err != nil {
		w.r.violation("Close of another runtime: %v", err)
	}
	if s := rt.Stats(); s.Threads != 0 || s.Fibers != 0 || s.Finished != s.Started {
		w.r.violation("another runtime after Close: %+v", s)
	}
	w.pause(r, 5*time.Millisecond)
}
