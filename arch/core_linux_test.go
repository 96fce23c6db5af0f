package arch

import (
	"runtime"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// A thread that computes is seen on a core, one that waits in a system call is not.
func TestOffCore(t *testing.T) {
	defer watchdog(t)()
	forPair(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if OffCore(unix.Gettid()) {
		t.Error("the calling thread is on no core")
	}
	if OffCore(1 << 25) {
		t.Error("a thread that does not exist is known to be on no core")
	}

	var over atomic.Bool
	computes, waits := make(chan int), make(chan int)
	var pipe [2]int
	if err := unix.Pipe(pipe[:]); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		waits <- unix.Gettid()
		unix.Read(pipe[0], make([]byte, 1))
	}()
	asleep := <-waits
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		computes <- unix.Gettid()
		for !over.Load() {
		}
		close(computes)
	}()
	busy := <-computes
	for !OffCore(asleep) { // it may be on its way
		runtime.Gosched()
	}
	for OffCore(busy) { // it may have lost its core
		runtime.Gosched()
	}
	over.Store(true)
	<-computes
	unix.Close(pipe[1])
	<-ended
	unix.Close(pipe[0])
}
