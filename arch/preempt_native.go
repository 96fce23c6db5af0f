//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The marks of markPreempt: 0 and 1 are what it writes.
const (
	markWithdraw uint8 = iota
	markRequest
	markNothing
)

// markPreempt asks g, if it runs and *turn == want, to park as Gpreempted at its
// next asynchronous safe point, or takes that back, or only looks, and returns
// the OS thread that it runs on; 0 when it does not run, or not in that turn.
//
//go:noescape
func markPreempt(gp unsafe.Pointer, turn *atomic.Uint64, want uint64, mark uint8) (tid uint64)

var pid = os.Getpid()

// Status reports what f's goroutine does. The answer may be old when it
// arrives.
func (f *Fiber) Status() Status {
	if !f.bound.Load() || !f.native {
		return StatusUnknown
	}
	switch f.status().Load() {
	case statusRunning, statusScan | statusRunning:
		return StatusRunning
	case statusRunnable, statusScan | statusRunnable:
		return StatusRunnable
	case statusWaiting, statusScan | statusWaiting:
		return StatusBlocked
	case statusSyscall, statusScan | statusSyscall:
		return StatusSyscall
	case statusPreempted:
		return StatusPreempted
	}
	return StatusUnknown
}

// status is g.atomicstatus.
func (f *Fiber) status() *atomic.Uint32 {
	return (*atomic.Uint32)(unsafe.Add(f.g, gAtomicstatus))
}

// RequestPreempt asks f's goroutine, if it runs and *turn is want, to stop at
// its next asynchronous safe point, and signals its OS thread. It borrows Go's
// own asynchronous preemption (runtime/preempt.go): with preemptStop set the
// handler parks the goroutine as Gpreempted, where it stays until
// ClaimPreempted. The caller must therefore poll, and claim, until the request
// is resolved: it is when turn has changed, which a resumption by this package
// does not survive.
//
// It returns the OS thread, or 0 if the request was not made. stackguard0 is left
// alone on purpose: a stop at a function's entry can hit Go's runtime with its
// locks held.
func (f *Fiber) RequestPreempt(turn *atomic.Uint64, want uint64) (tid int) {
	if !f.bound.Load() || !f.native {
		return 0
	}
	tid = int(markPreempt(f.g, turn, want, markRequest))
	if tid != 0 {
		// An error means that the thread has just ended, with the goroutine on
		// another one: the caller asks again.
		_ = unix.Tgkill(pid, tid, unix.SIGURG)
	}
	return tid
}

// Thread returns the OS thread that f's goroutine runs on, in the turn want; 0
// if it doesn't run, or the turn is over. It may run on another one when the
// answer arrives.
func (f *Fiber) Thread(turn *atomic.Uint64, want uint64) (tid int) {
	if !f.bound.Load() || !f.native {
		return 0
	}
	return int(markPreempt(f.g, turn, want, markNothing))
}

// OffCore reports whether f's goroutine runs, in the turn want, on an OS thread
// that is on no core at this moment, because the caller displaced it, say: then it
// answers no signal. It is false where that can't be known.
func (f *Fiber) OffCore(turn *atomic.Uint64, want uint64) bool {
	tid := f.Thread(turn, want)
	return tid != 0 && offCore(tid)
}

// ThreadTime returns the processor time, in nanoseconds, of the OS thread that f's
// goroutine runs on, in the turn want; -1 if it doesn't run, the turn is over, or
// that can't be known.
func (f *Fiber) ThreadTime(turn *atomic.Uint64, want uint64) int64 {
	if tid := f.Thread(turn, want); tid != 0 {
		if ns, ok := threadTime(tid); ok {
			return ns
		}
	}
	return -1
}

// ClaimPreempted takes over f's goroutine if a RequestPreempt has stopped it:
// afterwards f is parked, as by Park. Only the maker of the request may call
// it, since the collector stops goroutines in the same way for itself.
//
// A goroutine that was stopped inside Go's runtime is let go at once and not
// claimed, because it may hold the runtime's locks; ask again later.
//
//go:norace
func (f *Fiber) ClaimPreempted() bool {
	Pin()
	defer Unpin()
	// As suspendG does it, but with the scan bit, so that nobody sees it wait for
	// what it last waited for: see switchg.
	if !f.status().CompareAndSwap(statusPreempted, statusScan|statusPreempted) {
		return false
	}
	*(*uint8)(unsafe.Add(f.g, gWaitreason)) = waitReasonZero
	*(*uint8)(unsafe.Add(f.g, gPreempt)) = 0
	*(*uint8)(unsafe.Add(f.g, gPreemptStop)) = 0
	f.status().Store(statusWaiting)
	if *(*uint8)(unsafe.Add(f.g, gAsyncSafePoint)) == 0 && inRuntime(*(*uintptr)(unsafe.Add(f.g, gSchedPC))) {
		readyNative(f.g)
		return false
	}
	f.traced = isTraced(f.g) // by whoever ran it: that can't be told any more
	if !f.word.CompareAndSwap(wordRunning, wordParked) {
		panic("arch: a goroutine was stopped on its way to a park")
	}
	return true
}

// PreemptPending reports whether a request is still set on f's goroutine, or
// has stopped it: while it is, the goroutine may yet stop, and must be polled.
//
//go:norace
func (f *Fiber) PreemptPending() bool {
	return *(*uint8)(unsafe.Add(f.g, gPreemptStop)) != 0 || f.status().Load()&^statusScan == statusPreempted
}

// WithdrawPreempt takes a request back if f's goroutine is parked or in a system
// call, where it could stand for long. It reports whether it has.
//
//go:norace
func (f *Fiber) WithdrawPreempt() bool {
	Pin()
	defer Unpin()
	for _, s := range [...]uint32{statusWaiting, statusSyscall} {
		// With the scan bit set, the goroutine stays as it is.
		if f.status().CompareAndSwap(s, statusScan|s) {
			*(*uint8)(unsafe.Add(f.g, gPreempt)) = 0
			*(*uint8)(unsafe.Add(f.g, gPreemptStop)) = 0
			f.status().Store(s)
			return true
		}
	}
	return false
}

// inRuntime reports whether pc is in Go's runtime, by the same prefixes as
// isAsyncSafePoint (runtime/preempt.go).
func inRuntime(pc uintptr) bool {
	fn := runtime.FuncForPC(pc)
	if fn == nil {
		return true
	}
	name := fn.Name()
	return strings.HasPrefix(name, "runtime.") ||
		strings.HasPrefix(name, "internal/runtime/") ||
		strings.HasPrefix(name, "runtime/internal/") ||
		strings.HasPrefix(name, "reflect.")
}
