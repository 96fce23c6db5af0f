package arch

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"testing"
	"time"
)

// hangAfter is how long a test may take before it counts as hung.
const hangAfter = 60 * time.Second

// watchdog ends the process with all stacks unless it is stopped in time.
func watchdog(t *testing.T) (stop func() bool) {
	name := t.Name()
	return time.AfterFunc(hangAfter, func() {
		pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		panic(fmt.Sprintf("%s hangs since %v", name, hangAfter))
	}).Stop
}

// withoutCollections keeps collections out of a test in which a goroutine is pinned while
// it waits for one that isn't. A collection stops that one, waits for the pinned one, and
// so for ever; nor does the watchdog run then.
func withoutCollections(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	runtime.GC() // one that goes on already has ended then
}
