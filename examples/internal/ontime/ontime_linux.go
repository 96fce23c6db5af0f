package ontime

import (
	"time"

	"golang.org/x/sys/unix"
)

// slice is the time slice that Ask asks for where it may not have more.
const slice = 100 * time.Microsecond

// Ask asks Linux to let the calling OS thread in at once when it wakes while every core
// is busy with others: as a real-time thread, where the process may ask for that (root,
// CAP_SYS_NICE), else by a short time slice, which Linux honours since 6.12. It is best
// effort, and reports which it was. The caller should be locked to its OS thread.
func Ask() (realTime bool) {
	// Threads that this one starts are not to inherit it.
	fifo := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1, Flags: unix.SCHED_FLAG_RESET_ON_FORK}
	if unix.SchedSetAttr(0, &fifo, 0) == nil {
		return true
	}
	if attr, err := unix.SchedGetAttr(0, 0); err == nil {
		attr.Runtime = uint64(slice)
		_ = unix.SchedSetAttr(0, attr, 0)
	}
	return false
}
