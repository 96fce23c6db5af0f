package arch

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nap sleeps without telling Go's scheduler, as pinned code must.
func nap(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&ts)), 0, 0)
}
