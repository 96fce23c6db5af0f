package gv_test

import (
	"context"
	"fmt"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A request that turns out to take long makes way for the others.
func ExampleWithBudget() {
	request := func(context.Context) error {
		self := gv.Current()
		fmt.Println("begins as", self.Priority())
		for self.Priority() == gv.Critical {
			gv.Safepoint()
		}
		fmt.Println("goes on as", self.Priority())
		return nil
	}
	err := gv.Do(request, gv.WithPriority(gv.Critical), gv.WithBudget(5*time.Millisecond, gv.Low))
	fmt.Println(err)
	// Output:
	// begins as Critical
	// goes on as Low
	// <nil>
}
