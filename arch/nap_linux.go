package arch

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nap sleeps without telling Go's scheduler, as pinned code must. It takes the
// timer slack away from the OS thread, which would make it 50 µs longer, and gives it
// back: processes that the thread starts inherit it.
func nap(d time.Duration) {
	slack, _, errno := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_GET_TIMERSLACK, 0, 0)
	unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, 1, 0)
	ts := unix.NsecToTimespec(int64(d))
	unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&ts)), 0, 0)
	if errno == 0 {
		unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, slack, 0)
	}
}
