package gv_test

import (
	"fmt"
	"os"
	goruntime "runtime"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// hangAfter is how long a test may take before it counts as hung.
const hangAfter = 60 * time.Second

// forEachEngine runs test as a subtest for each engine, with one worker and
// with two. An engine that can't be had is skipped, with the reason.
func forEachEngine(t *testing.T, test func(t *testing.T, rt *gv.Runtime)) {
	for _, engine := range []gv.Engine{gv.Native, gv.Portable} {
		for _, workers := range []int{1, 2} {
			t.Run(fmt.Sprintf("%v/%d", engine, workers), func(t *testing.T) {
				rt, err := gv.New(gv.Config{Engine: engine, Workers: workers})
				if err != nil {
					t.Skip(err)
				}
				defer watchdog(t)()
				test(t, rt)
				if err := rt.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
		}
	}
}

// watchdog ends the test process with the stacks of all goroutines unless the
// function that it returns is called in time: t.Fatal would not stop the
// goroutines that hang.
func watchdog(t *testing.T) (stop func() bool) {
	name := t.Name()
	return time.AfterFunc(hangAfter, func() {
		stacks := make([]byte, 16<<20)
		stacks = stacks[:goruntime.Stack(stacks, true)]
		fmt.Fprintf(os.Stderr, "%s hangs since %v\n\n%s\n", name, hangAfter, stacks)
		os.Exit(2)
	}).Stop
}
