// Cshared is a library for a program in C: host.c loads it and calls it, from
// several threads and more than once.
package main

import "C"

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	gv "github.com/gvthread/gvthread/runtime"
)

func main() {}

// Rounds opens a runtime, runs threads on it, and closes it. It returns how many
// turns they took, or -1 after it has said what went wrong.
//
//export Rounds
func Rounds(threads, turns C.int) C.int {
	n, err := rounds(int(threads), int(turns))
	if err != nil {
		fmt.Fprintln(os.Stderr, "rounds:", err)
		return -1
	}
	return C.int(n)
}

func rounds(threads, turns int) (taken int64, err error) {
	rt, err := gv.New(gv.Config{Workers: 2})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	if c := rt.Capabilities(); os.Getenv("CAPABILITIES") != "" {
		fmt.Println(c.Engine, c.EngineReason, c.Forced, c.ForcedReason)
	}
	var n atomic.Int64
	err = rt.Run(func(context.Context) error {
		var spinning atomic.Bool
		spinning.Store(true)
		gv.Go(func(context.Context) error {
			for spinning.Load() {
			}
			return nil
		}, gv.WithPriority(gv.Low))
		var wg gv.WaitGroup
		for range threads {
			wg.Go(func(context.Context) error {
				for range turns {
					n.Add(1)
					gv.Yield()
				}
				return nil
			})
		}
		wg.Wait()
		spinning.Store(false)
		return nil
	})
	return n.Load(), err
}
