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
	// highWater is what used returned last.
	highWater uint64
	// lo and hi bound the stack. guard is g.stackguard0 of a goroutine on it, and top the
	// stack pointer of slotReturn.
	lo, hi, guard, top uintptr
	// What the goroutine has on its own stack, saved while it is on the slot.
	homeLo, homeHi, homeTop, homePanic, homeSP uintptr
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

// run calls fn on s, and reports whether it has returned, and not ended by runtime.Goexit.
//
// The frames of its callers are neither scanned nor moved meanwhile. So they may use no
// pointer after it, unless what that points to is held elsewhere.
func (s *Slot) run(fn func(*Slot)) (returned bool) {
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
	returned = s.state == slotLeft
	s.state, s.thread, s.priority = slotFree, 0, 0
	return returned
}

// Label says who runs on s, for debuggers. The caller does.
func (s *Slot) Label(thread, priority uint64) { s.thread, s.priority = thread, priority }

// pages are whole pages of a stack. They are numbers: arithmetic with pointers into the
// stack that it runs on is what checkptr objects to.
type pages struct{ addr, size uintptr }

// stack returns the pages from one depth up to another, with what is left of pages at the
// ends. A depth counts from the stack's high end.
func (s *Slot) stack(from, to uintptr) pages {
	size := s.hi - s.lo
	from, to = min(pageDown(from), size), min(pageUp(to), size)
	if from >= to {
		return pages{}
	}
	return pages{addr: s.hi - to, size: to - from}
}

// Size returns the size of the stack in bytes.
func (s *Slot) Size() int { return int(s.hi - s.lo) }

// Reached reports whether the stack has been deeper than depth, in bytes, since its memory
// was last given back; true if that can't be known. It may be asked at any time while a
// goroutine runs on s, and is exact to a page.
func (s *Slot) Reached(depth int) bool {
	var resident [1]byte
	page := s.stack(uintptr(depth), uintptr(depth)+1)
	if page.size == 0 {
		return false
	}
	return page.residents(resident[:]) != nil || resident[0]&1 != 0
}

// used returns how deep the stack has been since its memory was last given back, in bytes,
// in whole pages; its size if that can't be known.
func (s *Slot) used() int {
	all := s.stack(0, s.hi-s.lo)
	resident := make([]byte, all.size/pageSize)
	high := s.Size()
	if all.residents(resident) == nil {
		untouched := slices.IndexFunc(resident, func(b byte) bool { return b&1 != 0 })
		if untouched < 0 {
			untouched = len(resident)
		}
		high -= untouched * int(pageSize)
	}
	atomic.StoreUint64(&s.highWater, uint64(high))
	return high
}

// trimMargin is what Trim leaves below the stack pointer: more than the calls need that it
// makes.
const trimMargin = 16 << 10

// Trim gives the memory back that the stack has below the caller's frame, who runs on s.
func (s *Slot) Trim() {
	var local byte
	depth := s.hi - uintptr(unsafe.Pointer(&local))
	s.stack(pageUp(depth+trimMargin), s.hi-s.lo).release()
}

// clean gives the memory back that the stack has. Nobody is on s.
func (s *Slot) clean() { s.stack(0, s.hi-s.lo).release() }

// release gives back the memory of pages, which read as 0 then. What can't be given back
// stays: that is no harm.
func (p pages) release() {
	if p.size != 0 {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, p.addr, p.size, unix.MADV_DONTNEED)
	}
}

// residents says of each page whether it is in memory, by the lowest bit of a byte: mincore.
// It makes a bare system call, since the Monitor must not wait.
func (p pages) residents(each []byte) error {
	_, _, errno := unix.RawSyscall(unix.SYS_MINCORE, p.addr, p.size, uintptr(unsafe.Pointer(&each[0])))
	if errno != 0 {
		return errno
	}
	return nil
}
