package gv_test

import (
	"context"
	"fmt"
	"runtime/debug"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// hangAfter is how long a test may take before it counts as hung: long, since a machine may
// stand still.
const hangAfter = 5 * time.Minute

// forEachEngine runs test as a subtest for each engine, with one worker and
// with two.
func forEachEngine(t *testing.T, test func(t *testing.T, rt *gv.Runtime)) {
	for _, workers := range []int{1, 2} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: workers}, test)
		})
	}
}

// forEachCaller runs test on each engine, called by a plain goroutine and by a thread.
func forEachCaller(t *testing.T, test func(t *testing.T, rt *gv.Runtime)) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		t.Run("goroutine", func(t *testing.T) { test(t, rt) })
		t.Run("thread", func(t *testing.T) {
			if err := rt.Do(func(context.Context) error { test(t, rt); return nil }); err != nil {
				t.Error(err)
			}
		})
	})
}

// watchdog makes the test process panic, with the stacks of all goroutines,
// unless the function that it returns is called in time. Nothing less would do:
// t.Fatal doesn't stop goroutines that hang, and to collect their stacks one has
// to stop the world, which one that spins may not let happen.
func watchdog(t *testing.T) (stop func() bool) {
	name := t.Name()
	return time.AfterFunc(hangAfter, func() {
		debug.SetTraceback("crash") // also the stacks of those that run
		panic(fmt.Sprintf("%s hangs since %v", name, hangAfter))
	}).Stop
}
