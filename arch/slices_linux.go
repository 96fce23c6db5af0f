package arch

import (
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The time slices that are asked of Linux (honoured since 6.12). A thread that
// wakes up is let in at once where its slice is shorter than that of the one that
// runs, and is then left alone for as long as the shortest slice of those that
// wait. A slice that is over is only noticed at the kernel's tick, which may be
// 4 ms. So the threads that run workers, which are the ones that compute, have
// long slices, and all others short ones, the timer thread's among them.
const (
	timerSlice  = 200 * time.Microsecond
	threadSlice = 500 * time.Microsecond
	workerSlice = 5 * time.Millisecond
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
// what was refused; LengthenSlice is of no use then.
func ShortenSlices() error { return setSlices(threadSlice) }

// RestoreSlices gives all OS threads of the process the default slice.
func RestoreSlices() error { return setSlices(0) }

// LengthenSlice gives an OS thread of the process a long slice, for as long as it
// runs a worker, or the short one that the others have. A thread that has ended
// is passed over.
func LengthenSlice(tid int, long bool) {
	d := threadSlice
	if long {
		d = workerSlice
	}
	_ = setSlice(tid, d)
}

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
//
// It makes bare system calls and allocates nothing while all is well: the
// Monitor, which looks after goroutines that may hold the locks of Go's runtime,
// must not wait for one of them.
func setSlice(tid int, d time.Duration) error {
	var attr unix.SchedAttr
	if _, _, errno := unix.RawSyscall6(unix.SYS_SCHED_GETATTR, uintptr(tid), uintptr(unsafe.Pointer(&attr)), unix.SizeofSchedAttr, 0, 0, 0); errno != 0 {
		return setSliceError{"sched_getattr", errno}
	}
	if attr.Policy != unix.SCHED_NORMAL {
		return nil
	}
	attr.Size = unix.SizeofSchedAttr
	attr.Runtime = uint64(d)
	if _, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETATTR, uintptr(tid), uintptr(unsafe.Pointer(&attr)), 0); errno != 0 {
		return setSliceError{"sched_setattr", errno}
	}
	return nil
}

// A setSliceError is a system call that was refused.
type setSliceError struct {
	call  string
	errno syscall.Errno
}

func (e setSliceError) Error() string { return e.call + ": " + e.errno.Error() }

func (e setSliceError) Unwrap() error { return e.errno }
