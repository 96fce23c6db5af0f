package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	goruntime "runtime"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// work uses a runtime and reports what it can do.
func work() (code int) {
	procs := goruntime.GOMAXPROCS(0)
	rt, err := gv.New(gv.Config{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	if err := rt.Run(func(context.Context) error { return mix(rt) }); err != nil {
		fmt.Println(err)
		code = 1
	}
	c, s := rt.Capabilities(), rt.Stats()
	fmt.Printf("engine=%v %s forced=%v %s timer=%q workers=%d of %d", c.Engine, c.EngineReason, c.Forced, c.ForcedReason, c.Timer, s.Workers, procs)
	if err := rt.Close(); err != nil {
		fmt.Println(err)
		code = 1
	}
	if now := goruntime.GOMAXPROCS(0); now != procs {
		fmt.Printf("GOMAXPROCS was %d before and is %d after\n", procs, now)
		code = 1
	}
	return code
}

// mix lets threads that compute make way for one that sleeps, and for some that
// talk and allocate.
func mix(rt *gv.Runtime) error {
	var stop atomic.Bool
	forced := rt.Capabilities().Forced
	for range 2 * rt.Stats().Workers {
		gv.Go(func(context.Context) error {
			for sum := [32]byte{}; !stop.Load(); {
				if !forced {
					// Without signals Go can't stop a loop either, for the
					// collector, unless it calls something.
					sum = sha256.Sum256(sum[:])
					gv.Safepoint()
				}
			}
			return nil
		}, gv.WithPriority(gv.Low))
	}
	defer stop.Store(true)
	c := gv.NewChan[[]byte](1)
	sender := gv.Go(func(context.Context) error {
		for range 2000 {
			if err := c.Send(make([]byte, 4096)); err != nil {
				return err
			}
		}
		return nil
	})
	receiver := gv.Go(func(context.Context) error {
		for range 2000 {
			if _, err := c.Recv(); err != nil {
				return err
			}
		}
		return nil
	})
	for range 20 {
		if err := gv.Sleep(time.Millisecond); err != nil {
			return err
		}
	}
	if err := sender.Wait(); err != nil {
		return err
	}
	return receiver.Wait()
}
