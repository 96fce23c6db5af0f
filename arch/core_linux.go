package arch

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// OffCore reports whether a thread of this process is on no core at this moment:
// its processor time stands still between two looks, some hundred nanoseconds
// apart. It is false where that can't be known.
func OffCore(tid int) bool {
	first, ok := ThreadTime(tid)
	if !ok {
		return false
	}
	second, ok := ThreadTime(tid)
	return ok && first == second
}

// ThreadTime returns the processor time of a thread of this process, in
// nanoseconds. Linux brings it up to date first if the thread runs
// (task_sched_runtime in kernel/sched/core.c).
//
// It makes a bare system call: the callers are in a hurry, and must not lose their
// P on the way.
func ThreadTime(tid int) (ns int64, ok bool) {
	var ts unix.Timespec
	_, _, errno := unix.RawSyscall(unix.SYS_CLOCK_GETTIME, threadClock(tid), uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano(), errno == 0
}

// threadClock is the clock of a thread, from include/linux/posix-timers_types.h: 4 stands for
// a thread's and not a process's, 2 for the time of the scheduler.
//
//go:nosplit
//go:norace
func threadClock(tid int) uintptr { return uintptr(int32(^tid<<3 | 4 | 2)) }
