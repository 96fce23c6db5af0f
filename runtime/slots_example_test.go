package gv_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	gv "github.com/gvthread/gvthread/runtime"
)

// Threads have slots for stacks where the program was started for that, by
// GODEBUG=gcshrinkstackoff=1, and growing stacks elsewhere.
func ExampleSlotStacks() {
	rt, err := gv.New(gv.Config{Stacks: gv.SlotStacks, MaxThreads: 1000})
	if errors.Is(err, gv.ErrSlotsUnavailable) {
		rt, err = gv.New(gv.Config{MaxThreads: 1000})
	}
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()

	var depth func(n int) int
	depth = func(n int) int {
		if n == 0 {
			return 0
		}
		return 1 + depth(n-1)
	}
	err = rt.Run(func(context.Context) error {
		fmt.Println(depth(10_000), "calls deep")
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: 10000 calls deep
}
