package arch

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// startMonotonic is what the machine's clock has shown at epoch, about.
var startMonotonic = monotonic()

// realNow is Now in a bubble. Go's clock is the machine's (runtime.nanotime1 in
// sys_linux_*.s, go1.26 and go1.27).
func realNow() int64 { return monotonic() - startMonotonic }

// monotonic asks by a bare system call: the caller may be pinned.
func monotonic() int64 {
	var ts unix.Timespec
	unix.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_MONOTONIC, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}
