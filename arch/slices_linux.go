package arch

import (
	"errors"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// The time slices that are asked of Linux (honoured since 6.12). A thread that
// wakes up is let in at once where its slice is shorter than what is left to the
// one that runs; so the timer thread has the shortest, and all others have ones
// that are short against the kernel's default of some milliseconds, for which
// they would make each other wait.
const (
	timerSlice  = 100 * time.Microsecond
	threadSlice = 200 * time.Microsecond
)

// TuneTimerThread asks Linux to wake the calling OS thread on time: the least
// timer slack and a short slice. It is best effort, and says what was refused.
// The caller has locked its goroutine to the thread, and ends with it.
func TuneTimerThread() error {
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl(PR_SET_TIMERSLACK)", err)
	}
	return setSlice(0, timerSlice)
}

// ShortenSlices asks Linux for short time slices for all OS threads of the
// process, and so for those that they will start. It is best effort, and says
// what was refused.
func ShortenSlices() error { return setSlices(threadSlice) }

// RestoreSlices gives all OS threads of the process the default slice.
func RestoreSlices() error { return setSlices(0) }

func setSlices(d time.Duration) error {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if err := setSlice(tid, d); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// setSlice sets the slice of one thread, 0 for the caller's own; a slice of 0 is
// the default. Threads with a policy of their own are left alone.
func setSlice(tid int, d time.Duration) error {
	attr, err := unix.SchedGetAttr(tid, 0)
	if err != nil {
		return os.NewSyscallError("sched_getattr", err)
	}
	if attr.Policy != unix.SCHED_NORMAL {
		return nil
	}
	attr.Runtime = uint64(d)
	return os.NewSyscallError("sched_setattr", unix.SchedSetAttr(tid, attr, 0))
}
