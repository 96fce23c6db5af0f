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
// that it need not win one back among busy ones when it wakes: d must be less than
// the 10 ms for which sysmon lets it have it. A stop of the world ends such a sleep
// early by its signal, as long as there is a timeout: without one, the kernel would
// restart the call. It needs the Native engine.
func (s *Sleeper) Sleep(d time.Duration, holdP bool) {
	if !s.word.CompareAndSwap(sleeperAwake, sleeperAsleep) {
		s.word.Store(sleeperAwake)
		return
	}
	ts := unix.NsecToTimespec(max(0, d.Nanoseconds()))
	if holdP {
		keepP()
		unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&s.word)), futexWait, uintptr(sleeperAsleep), uintptr(unsafe.Pointer(&ts)), 0, 0)
	} else {
		unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&s.word)), futexWait, uintptr(sleeperAsleep), uintptr(unsafe.Pointer(&ts)), 0, 0)
	}
	s.word.Store(sleeperAwake)
}

// Wake ends the Sleep under way, or the next one.
func (s *Sleeper) Wake() {
	if s.word.Swap(sleeperWoken) == sleeperAsleep {
		wakeFutex(unsafe.Pointer(&s.word))
	}
}

// wakeFutex wakes the OS thread that waits at word.
func wakeFutex(word unsafe.Pointer) {
	unix.RawSyscall6(unix.SYS_FUTEX, uintptr(word), futexWake, 1, 0, 0, 0)
}
