package gv_test

import (
	"context"
	"fmt"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// Threads finds what waits, and for what.
func ExampleRuntime_Threads() {
	rt, err := gv.New(gv.Config{Workers: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	orders := gv.NewChan[string](0)
	cook := rt.Go(func(context.Context) error {
		_, err := orders.Recv()
		return err
	}, gv.WithName("cook"), gv.WithPriority(gv.High))
	for cook.State() != gv.StateBlocked {
		time.Sleep(time.Millisecond)
	}
	for t := range rt.Threads() {
		fmt.Println(t.Name, t.Priority, t.State, t.Waits)
	}
	// Output: cook High Blocked to receive from a Chan
}
