package arch

import "runtime"

// GoOnThread starts a goroutine that calls f on an OS thread of its own, which ends with it.
// It is never the first of the process, which can't end, and whose name is the process's.
func GoOnThread(f func()) {
	go func() {
		runtime.LockOSThread()
		if !onMainThread() {
			f()
			return
		}
		defer runtime.UnlockOSThread()
		moved := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(moved) // until then nobody else has the first one
			f()
		}()
		<-moved
	}()
}
