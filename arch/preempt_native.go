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

// markPreempt asks g, if it runs, to park as Gpreempted at its next asynchronous safe
// point, or takes that back, or only looks, and returns the OS thread that it runs on;
// 0 when it does not run.
//
//go:noescape
func markPreempt(gp unsafe.Pointer, mark uint8) (tid uint64)

var pid = os.Getpid()

// Status reports what f's goroutine does. The answer may be old when it
// arrives.
//
//go:norace
func (f *Fiber) Status() Status {
	if !f.bound() || !f.native {
		return StatusUnknown
	}
	switch f.status().Load() {
	case statusRunning, statusScan | statusRunning:
		return StatusRunning
	case statusRunnable, statusScan | statusRunnable:
		return StatusRunnable
	case statusWaiting, statusScan | statusWaiting:
		if *(*uint8)(unsafe.Add(f.g, gWaitreason)) == waitReasonZero {
			return StatusUnknown // parked here: see switchg and parkNative
		}
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

// RequestPreempt asks f's goroutine, if it runs, to stop at its next asynchronous safe
// point. Signal, with the OS thread that it returns, makes it look. It borrows Go's
// own asynchronous preemption (runtime/preempt.go): with preemptStop set the
// handler parks the goroutine as Gpreempted, where it stays until
// ClaimPreempted. The caller must therefore poll, and claim, until the goroutine has
// been switched away from, which ends the request, or WithdrawPreempt.
//
// The caller holds the lock with which the goroutine would be switched away from.
// RequestPreempt returns 0 if the request was not made. stackguard0 is left
// alone on purpose: a stop at a function's entry can hit Go's runtime with its
// locks held.
func (f *Fiber) RequestPreempt() (tid int) { return f.mark(markRequest) }

// Thread returns the OS thread that f's goroutine runs on, 0 if it doesn't run. The
// caller holds the lock with which the goroutine would be switched away from; once it
// is released, the goroutine may run on another.
func (f *Fiber) Thread() (tid int) { return f.mark(markNothing) }

func (f *Fiber) mark(mark uint8) (tid int) {
	// One that is not resumed yet may be about to change its own status without regard
	// to others: see BeginLeave.
	if f.word.Load() != wordRunning || !f.native {
		return 0
	}
	return int(markPreempt(f.g, mark))
}

// Signal makes an OS thread look at the request made of the goroutine that it runs.
func Signal(tid int) {
	// An error means that the thread has just ended, with the goroutine on
	// another one: the caller asks again.
	_ = unix.Tgkill(pid, tid, unix.SIGURG)
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
	// Whether a trace has seen who ran it can't be told any more. And newstack, which has
	// stopped it at a function's entry, has left what execute takes back (stack.go, proc.go):
	// a guard that would stop it there again, and a mark that misleads traces.
	f.byGo = isTraced(f.g) || *(*bool)(unsafe.Add(f.g, gSyncSafePoint))
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

// ForgetPreempt takes a request back that was made of the calling goroutine, which
// must be f's and pinned, and of which no new one can be made meanwhile. Should the
// collector have asked for the same, it asks again (suspendG in runtime/preempt.go).
//
//go:norace
func (f *Fiber) ForgetPreempt() {
	*(*uint8)(unsafe.Add(f.g, gPreempt)) = 0
	*(*uint8)(unsafe.Add(f.g, gPreemptStop)) = 0
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
