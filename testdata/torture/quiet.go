package main

import (
	"runtime/debug"
	"time"
)

const (
	// quietTime is how long the process is watched, and quietTries how often.
	quietTime  = 100 * time.Millisecond
	quietTries = 10
	// quietSwitches is how often it may give up a core meanwhile. What polls
	// does it hundreds of times.
	quietSwitches = 40
)

// A giving is how often an OS thread has given up its core, and the system call that it
// is in.
type giving struct {
	tid   int
	n     int64
	where string
}

// checkQuiet checks that a runtime without work does nothing: the threads of the
// round have ended, and the runtime is still open.
func (w *world) checkQuiet() {
	least := int64(1 << 62)
	for range quietTries {
		before := switches()
		time.Sleep(quietTime)
		if least = min(least, switches()-before); least <= quietSwitches {
			return
		}
		// Go's scavenger, as long as it has memory to give back, wakes up every
		// few milliseconds, and with it sysmon and the OS thread that waits for
		// timers: together more often than is quiet, for a second and longer.
		// Now it has nothing left to do.
		debug.FreeOSMemory()
	}
	before := switchesByThread()
	time.Sleep(quietTime)
	w.r.violation("an idle runtime gives up a core at least %d times in %v; %+v", least, quietTime, w.rt.Stats())
	for _, now := range switchesByThread() {
		for _, then := range before {
			if now.tid == then.tid && now.n > then.n {
				w.r.print("OS thread %d: %d times, %s", now.tid, now.n-then.n, now.where)
			}
		}
	}
	w.r.stacks()
}
