//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Slot is a piece of a region of [Slots], and the first page of that piece: facts for
// debuggers. None of them is a pointer of Go's, since the collector doesn't look at them.
//
// From its base up, a slot is this page, a guard page, and the stack, which grows down
// towards the guard page. So a stack's size is never a power of two. That is a line of
// defence: Go's runtime ends the process before it frees such a stack, or copies it to a
// smaller or larger one (stackfree, stackalloc in runtime/stack.go, go1.26 and go1.27).
type Slot struct {
	// magic marks the page, and number is the slot's place in its region.
	magic  [8]byte
	number uint64
	// state is slotFree, slotTaken or slotLeft. thread and priority are what Label was told.
	state, thread, priority uint64
	// highWater is what used or Deep returned last.
	highWater uint64
	// lo and hi bound the stack. guard is g.stackguard0 of a goroutine on it, and top the
	// stack pointer of slotReturn.
	lo, hi, guard, top uintptr
	// What the goroutine has on its own stack, saved while it is on the slot.
	homeLo, homeHi, homeTop, homePanic, homeSP uintptr
	// deep is 1 from when Deep has found the stack deep until Shed. Deep's caller sets it, and
	// the goroutine on the slot clears it.
	deep uint32
}

var slotMagic = [8]byte{'g', 'v', 's', 'l', 'o', 't', 0, 1}

// The states of a slot.
const (
	slotFree  uint64 = iota // nobody runs on it
	slotTaken               // a goroutine runs on it
	slotLeft                // the function that ran on it has returned
)

// slotStart is the room above slotReturn's stack pointer: what is above goexit's in a new
// goroutine, or a word or two more (newproc1 in runtime/proc.go, go1.26 and go1.27).
const slotStart = 48

// enterSlot calls fn on the slot: see slot_amd64.s. Nobody scans the caller's frames
// meanwhile, so fn must be on the heap: the function may not be declared noescape.
func enterSlot(s *Slot, fn func())

// leaveSlot makes the enterSlot return by which the calling goroutine came onto the slot.
//
//go:noescape
func leaveSlot(s *Slot)

// run calls fn on s, and returns when fn has returned or has called runtime.Goexit.
//
// The frames of its callers are neither scanned nor moved meanwhile. So they may use no
// pointer after it, unless what that points to is held elsewhere.
func (s *Slot) run(fn func(*Slot)) {
	s.state = slotTaken
	enterSlot(s, func() {
		defer func() {
			if s.state == slotLeft {
				return
			}
			if v := recover(); v != nil {
				panic(v) // here, where its stack is still to be seen
			}
			leaveSlot(s)
		}()
		fn(s)
		s.state = slotLeft
	})
	s.Shed()
	s.state, s.thread, s.priority = slotFree, 0, 0
}

// Label says who runs on s, for debuggers. The caller does.
func (s *Slot) Label(thread, priority uint64) { s.thread, s.priority = thread, priority }

// used returns how deep the stack has been since its memory was last given back, in bytes,
// in whole pages; its size if that can't be known.
func (s *Slot) used() int {
	size := s.hi - s.lo
	resident := make([]byte, size/pageSize) // the lowest bit of each byte says it of a page
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, s.lo, size, uintptr(unsafe.Pointer(&resident[0])))
	if errno == 0 {
		untouched := slices.IndexFunc(resident, func(b byte) bool { return b&1 != 0 })
		if untouched < 0 {
			untouched = len(resident)
		}
		size -= uintptr(untouched) * pageSize
	}
	atomic.StoreUint64(&s.highWater, uint64(size))
	return int(size)
}

// clean gives the memory back that the stack has, which is 0 then. Nobody is on s. What can't
// be given back stays: that is no harm.
//
// Both calls get addresses as numbers: the race detector's checks of pointer arithmetic
// object to pointers into the stack that they run on.
func (s *Slot) clean() {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, s.lo, s.hi-s.lo, unix.MADV_DONTNEED)
}
