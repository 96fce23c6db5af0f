//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// deepWindow is how many pages Deep looks at in one system call. A stack that has passed over
// so many without touching one is not found.
const deepWindow = 64

// deepMark is the address below which a stack is deep: three quarters of it are above.
func (s *Slot) deepMark() uintptr {
	return s.hi - (s.hi-s.lo)/4*3/pageSize*pageSize
}

// Deep returns how deep the stack of s has been, in bytes, in whole pages, if that is more
// than three quarters of it, and otherwise 0. After it has returned more than 0, it returns 0
// until Shed.
//
// It makes bare system calls: one if the stack is not deep. The region must be open. The
// goroutine on s may run, or leave the slot, meanwhile.
func (s *Slot) Deep() int {
	if atomic.LoadUint32(&s.deep) != 0 {
		return 0
	}
	var resident [deepWindow]byte
	lowest := uintptr(0)
	for end := s.deepMark(); end > s.lo; {
		n := min(end-s.lo, deepWindow*pageSize)
		_, _, errno := unix.RawSyscall(unix.SYS_MINCORE, end-n, n, uintptr(unsafe.Pointer(&resident[0])))
		touched := slices.IndexFunc(resident[:n/pageSize], func(b byte) bool { return b&1 != 0 })
		if errno != 0 || touched < 0 {
			break
		}
		end -= n
		lowest = end + uintptr(touched)*pageSize
	}
	if lowest == 0 {
		return 0
	}
	atomic.StoreUint32(&s.deep, 1)
	used := s.hi - lowest
	atomic.StoreUint64(&s.highWater, uint64(used))
	return int(used)
}

// Shed gives the memory beyond three quarters of the stack back, if Deep has found that used:
// so what Deep finds next is what the next function has used. The caller runs on s, in a frame
// above that mark, or has s to itself.
func (s *Slot) Shed() {
	if atomic.LoadUint32(&s.deep) == 0 {
		return
	}
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, s.lo, s.deepMark()-s.lo, unix.MADV_DONTNEED)
	atomic.StoreUint32(&s.deep, 0)
}
