// Command named runs a thread that computes and one that waits, for a debugger to look at.
package main

import (
	"context"
	"log"
	"sync/atomic"

	gv "github.com/gvthread/gvthread/runtime"
)

func main() {
	rt, err := gv.New(gv.Config{Workers: 2, ProfileLabels: true})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	var runs, over atomic.Bool
	c := gv.NewChan[int](0)
	rt.Go(func(context.Context) error {
		for !over.Load() {
			runs.Store(true)
			gv.Safepoint()
		}
		return nil
	}, gv.WithName("reindex"), gv.WithPriority(gv.Low))
	waiter := rt.Go(func(context.Context) error {
		_, err := c.Recv()
		return err
	}, gv.WithName("answer"), gv.WithPriority(gv.Critical))
	for !runs.Load() || waiter.State() != gv.StateBlocked {
		gv.Yield()
	}
	look()
	over.Store(true)
	c.Send(1)
}

// look is where the debugger stops.
//
//go:noinline
func look() {}
