package gv_test

import (
	"context"
	"fmt"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A thread can see how much it has had of the workers, however busy these are.
func ExampleThread_RunTime() {
	rt, err := gv.New(gv.Config{Workers: 1, Accounting: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	const share = 5 * time.Millisecond
	err = rt.Run(func(context.Context) error {
		for range 3 {
			gv.Go(func(context.Context) error {
				for gv.Current().RunTime() < share {
					gv.Yield()
				}
				return nil
			})
		}
		return nil
	})
	fmt.Println(err, rt.Stats().RunTime[gv.Normal] >= 3*share)
	// Output: <nil> true
}

// The histograms say what most threads have waited for a worker at most.
func ExampleStats_waitTime() {
	rt, err := gv.New(gv.Config{Workers: 1, Accounting: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	err = rt.Run(func(context.Context) error {
		for range 100 {
			gv.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.High))
		}
		return nil
	})
	h := rt.Stats().WaitTime[gv.High]
	var all, some uint64
	for _, n := range h.Counts {
		all += n
	}
	p99 := 0.0 // in seconds
	for i, n := range h.Counts {
		if some += n; 100*some >= 99*all {
			p99 = h.Buckets[i+1]
			break
		}
	}
	fmt.Println(err, all >= 100, p99 > 0)
	// Output: <nil> true true
}
