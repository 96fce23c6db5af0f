package arch

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The futex operations, from linux/futex.h; both private to the process.
const (
	futexWait = 0 | 128
	futexWake = 1 | 128
)

// The states of a Sleeper's word.
const (
	sleeperAwake uint32 = iota
	sleeperWoken        // a Wake that Sleep has not seen yet
	sleeperAsleep
)

// A Sleeper lets one goroutine sleep, precisely, until others wake it. The zero
// Sleeper is ready to use.
type Sleeper struct {
	word atomic.Uint32
}

// Sleep blocks the calling goroutine for at most d, or until Wake. It may
// return early; the caller looks at its clock.
//
// With holdP the goroutine sleeps in a bare system call and keeps its P, so
// that it need not win one back among busy ones when it wakes. A stop of the
// world ends such a sleep early by its signal, as long as there is a timeout:
// without one, the kernel would restart the call.
func (s *Sleeper) Sleep(d time.Duration, holdP bool) {
	if !s.word.CompareAndSwap(sleeperAwake, sleeperAsleep) {
		s.word.Store(sleeperAwake)
		return
	}
	ts := unix.NsecToTimespec(max(0, d.Nanoseconds()))
	if holdP {
		unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&s.word)), futexWait, uintptr(sleeperAsleep), uintptr(unsafe.Pointer(&ts)), 0, 0)
	} else {
		unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&s.word)), futexWait, uintptr(sleeperAsleep), uintptr(unsafe.Pointer(&ts)), 0, 0)
	}
	s.word.Store(sleeperAwake)
}

// Wake ends the Sleep under way, or the next one.
func (s *Sleeper) Wake() {
	if s.word.Swap(sleeperWoken) == sleeperAsleep {
		unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&s.word)), futexWake, 1, 0, 0, 0)
	}
}

// timerSlice is the time slice that the timer thread asks of Linux: short, so
// that it is let in soon when every core is busy.
const timerSlice = 100 * time.Microsecond

// TuneTimerThread asks Linux to wake the calling OS thread on time: the least
// timer slack and a short slice (honoured since Linux 6.12). It is best effort,
// and says what was refused. The caller has locked its goroutine to the thread,
// and ends with it.
func TuneTimerThread() error {
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return err
	}
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return err
	}
	attr.Runtime = uint64(timerSlice)
	return unix.SchedSetAttr(0, attr, 0)
}
