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

// forPair gives a test, in which two goroutines are to run at the same time, two Ps.
func forPair(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(max(procs, 2))
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
}

// forPinned prepares for a test in which a goroutine is pinned while it waits for one that
// isn't. That one needs a P, too. And a collection would stop it, wait for the pinned one,
// and so for ever. The watchdog does not run then.
func forPinned(t *testing.T) {
	forPair(t)
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	runtime.GC() // one that goes on already has ended then
}
