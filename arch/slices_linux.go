package arch

import (
	"errors"
	"os"
	"runtime"
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
// 4 ms, unless somebody asks before: see slicewatch_linux.go. So the threads that run
// workers, which are the ones that compute, have long slices, and all others the shortest
// that Linux grants, but for the timer threads, which need no more than to be let in.
const (
	timerSlice  = 200 * time.Microsecond
	threadSlice = 100 * time.Microsecond
	workerSlice = 5 * time.Millisecond
)

// timerName is what top -H, ps -T and perf call the Monitor's thread.
const timerName = "gv-monitor"

// TuneTimerThread names the calling OS thread, which is the Monitor's, and asks Linux to wake
// it on time. It is best effort, and says what was refused. The caller has locked its
// goroutine to the thread, and ends with it.
func TuneTimerThread() error { return tuneThread(timerName) }

// tuneThread names the calling OS thread, and asks for the least timer slack and a short
// slice.
func tuneThread(name string) error {
	// Nothing depends on the name. A locked thread starts no others, which would have it too.
	text := append([]byte(name), 0)
	_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&text[0])), 0, 0, 0)
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl(PR_SET_TIMERSLACK)", err)
	}
	return setSlice(0, timerSlice)
}

// onMainThread reports whether the calling OS thread is the first of the process.
func onMainThread() bool { return unix.Gettid() == unix.Getpid() }

// ShortenSlices asks Linux for short time slices for all OS threads of the
// process. It is best effort, and says what was refused; LengthenSlice is of no use
// then.
//
// The slices are for this process alone: what an OS thread starts, by clone or fork,
// begins with the default where that can be had, and so do OS threads that come
// later. ShortenNewSlices is for those.
func ShortenSlices() error {
	threads, err := eachThread(func(tid int) error { return setSlice(tid, threadSlice) })
	if err == nil {
		sliceWatcher.know(threads)
		sliceWatcher.start()
	}
	return err
}

// ShortenNewSlices is ShortenSlices for the OS threads that have come since.
func ShortenNewSlices() error {
	threads, err := eachThread(func(tid int) error {
		attr, err := getAttr(tid)
		if err != nil || attr.Flags&unix.SCHED_FLAG_RESET_ON_FORK != 0 || !mayReset(&attr) {
			return err
		}
		return setSlice(tid, threadSlice)
	})
	if err != nil {
		sliceWatcher.stop()
		return err
	}
	sliceWatcher.know(threads)
	return nil
}

// RestoreSlices gives all OS threads of the process the default slice.
func RestoreSlices() error {
	sliceWatcher.stop()
	_, err := eachThread(func(tid int) error { return setSlice(tid, 0) })
	return err
}

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

// OSThreads returns how many OS threads the process has, as far as Go knows them: where
// it changes, there may be new ones. It takes no lock, and allocates nothing.
func OSThreads() int {
	n, _ := runtime.ThreadCreateProfile(nil)
	return n
}

// eachThread calls f for all OS threads of the process, which it returns, and passes over
// those that end meanwhile.
func eachThread(f func(tid int) error) (threads []int, err error) {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if err := f(tid); err != nil && !errors.Is(err, unix.ESRCH) {
			return nil, err
		}
		threads = append(threads, tid)
	}
	return threads, nil
}

// setSlice sets the slice of one thread, 0 for the caller's own; a slice of 0 is
// the default. Threads with a policy of their own are left alone.
//
// It makes bare system calls and allocates nothing while all is well: the
// Monitor, which looks after goroutines that may hold the locks of Go's runtime,
// must not wait for one of them.
func setSlice(tid int, d time.Duration) error {
	attr, err := getAttr(tid)
	if err != nil {
		return err
	}
	if attr.Policy != unix.SCHED_NORMAL {
		return nil
	}
	had := attr.Flags & unix.SCHED_FLAG_RESET_ON_FORK
	attr.Size = unix.SizeofSchedAttr
	switch {
	case d == 0:
		attr.Flags &^= unix.SCHED_FLAG_RESET_ON_FORK
	case mayReset(&attr):
		attr.Flags |= unix.SCHED_FLAG_RESET_ON_FORK
	}
	attr.Runtime = uint64(d)
	err = setAttr(tid, &attr)
	if err != nil && had != 0 && d == 0 {
		// Only a privileged process may take the flag back. It does no harm to a thread
		// that has the defaults itself.
		attr.Flags |= had
		err = setAttr(tid, &attr)
	}
	return err
}

// mayReset reports whether a thread may have the flag by which what it starts has the
// default slice. It has the default of all else, too: so it must be known that the
// thread has nothing else to pass on, such as a nice value below 0. Kernels that don't
// tell a thread's slice don't have such slices, and need no flag.
func mayReset(attr *unix.SchedAttr) bool {
	return attr.Policy == unix.SCHED_NORMAL && attr.Runtime != 0 && attr.Nice >= 0 &&
		attr.Util_min == 0 && (attr.Util_max == 0 || attr.Util_max == maxUtil)
}

// maxUtil is a processor's capacity, SCHED_CAPACITY_SCALE in linux/sched.h: a thread that
// may use all of it has no limit.
const maxUtil = 1024

func getAttr(tid int) (attr unix.SchedAttr, err error) {
	if _, _, errno := unix.RawSyscall6(unix.SYS_SCHED_GETATTR, uintptr(tid), uintptr(unsafe.Pointer(&attr)), unix.SizeofSchedAttr, 0, 0, 0); errno != 0 {
		return attr, setSliceError{"sched_getattr", errno}
	}
	return attr, nil
}

func setAttr(tid int, attr *unix.SchedAttr) error {
	if _, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETATTR, uintptr(tid), uintptr(unsafe.Pointer(attr)), 0); errno != 0 {
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
