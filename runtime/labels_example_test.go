package gv_test

import (
	"context"
	"fmt"
	"runtime/pprof"

	gv "github.com/gvthread/gvthread/runtime"
)

// The labels that a thread's samples have in profiles are in its context, too.
func ExampleConfig_profileLabels() {
	rt, err := gv.New(gv.Config{ProfileLabels: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	err = rt.Run(func(ctx context.Context) error {
		pprof.Do(ctx, pprof.Labels("index", "users"), func(ctx context.Context) {
			pprof.ForLabels(ctx, func(key, value string) bool {
				fmt.Println(key, value)
				return true
			})
		})
		return nil
	}, gv.WithName("reindex"), gv.WithPriority(gv.Low))
	fmt.Println(err)
	// Output:
	// gv.priority Low
	// gv.thread reindex
	// index users
	// <nil>
}
