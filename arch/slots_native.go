//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Slots is a reserved region of stacks of one size, for goroutines that Launch starts. Only
// what is used of it takes memory.
type Slots struct {
	// OnFree, if it is not nil, is called when a slot has become free. It is set before the
	// first Launch, and must not block.
	OnFree func()

	// region is all that is reserved, length its size. first is the lowest slot.
	region unsafe.Pointer
	length uintptr
	first  unsafe.Pointer
	size   uintptr
	// count is how many slots there are, guard the value of stackguard0 above the low
	// end of a stack.
	count int
	guard uintptr
	// eager is set if OpenSlots has made all guard pages.
	eager bool

	mu sync.Mutex
	// freed is signalled when a slot is free, or the last one is.
	freed sync.Cond
	// free holds the slots that were used before, the last one on top. The lowest clean of
	// them hold no memory but their first pages, and the lowest rested were not used since
	// the last Clean.
	free          []*Slot
	clean, rested int
	// fresh is how many slots were ever used, and open how many can be accessed.
	fresh, open int
	closed      bool
}

// openStep is by how many slots the part of a region grows that can be accessed. Others
// would be in core dumps.
const openStep = 64

// pageSize is the machine's.
var pageSize = uintptr(os.Getpagesize())

// OpenSlots reserves count slots of size bytes, a power of two of at least 1 MiB. Until
// Close, Go's limit for stacks (debug.SetMaxStack) is size at most, for all goroutines. It
// fails where SlotStacks does, where the address space is not to be had, and where the
// stacks can't be guarded.
func OpenSlots(count, size int) (*Slots, error) {
	if err := SlotStacks(); err != nil {
		return nil, err
	}
	if size < minSlot || size > maxSlot || size&(size-1) != 0 {
		return nil, fmt.Errorf("arch: no stack slots: their size is %d; it must be a power of two from %d to %d", size, minSlot, maxSlot)
	}
	r := &Slots{size: uintptr(size), count: count, guard: stackGuard}
	r.freed.L = &r.mu
	if err := r.reserve(); err != nil {
		return nil, err
	}
	if err := r.chooseGuards(); err != nil {
		return nil, r.abandon(err)
	}
	openSlots.add(r)
	return r, nil
}

const (
	minSlot = 1 << 20
	maxSlot = 1 << 30
)

// hugePage is what one page table covers, on amd64 and arm64 with pages of 4 KiB.
const hugePage = 2 << 20

// reserve finds the address space. Slots begin in the middle of what a page table covers,
// so that the pages around such an address, which is where all slots have theirs, are in
// one table.
func (r *Slots) reserve() error {
	high, total := bits.Mul64(uint64(r.count), uint64(r.size))
	if high != 0 || total > 1<<62 {
		return fmt.Errorf("arch: no stack slots: %d of %s are more than any address space holds", r.count, binary(r.size))
	}
	r.length = uintptr(total) + 2*hugePage
	var err error
	r.region, err = unix.MmapPtr(-1, 0, nil, r.length, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return r.refused(err)
	}
	offset := (hugePage + hugePage/2 - uintptr(r.region)%hugePage) % hugePage
	r.first = unsafe.Add(r.region, offset)
	// One page of a stack must not become 2 MiB of memory. A kernel without huge pages has
	// no such advice.
	_ = unix.Madvise(unsafe.Slice((*byte)(r.region), r.length), unix.MADV_NOHUGEPAGE)
	return nil
}

// refused says why the address space can't be had.
func (r *Slots) refused(err error) error {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &limit) == nil && limit.Cur < uint64(r.length) {
		return fmt.Errorf("arch: no stack slots: %d slots of %s need %s of address space, and the process may have %s: lift its limit (ulimit -v unlimited), or ask for fewer or smaller slots: %w",
			r.count, binary(r.size), binary(r.length), binary(uintptr(limit.Cur)), err)
	}
	return fmt.Errorf("arch: no stack slots: %d slots of %s need %s of address space, which the system refuses: ask for fewer or smaller slots: %w",
		r.count, binary(r.size), binary(r.length), err)
}

// abandon gives the region back, because of err.
func (r *Slots) abandon(err error) error {
	_ = unix.MunmapPtr(r.region, r.length)
	return err
}

// binary writes a number of bytes in its largest binary unit.
func binary(n uintptr) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	i, v := 0, float64(n)
	for ; v >= 1024 && i < len(units)-1; i++ {
		v /= 1024
	}
	return fmt.Sprintf("%.4g %s", v, units[i])
}

// slot returns the i-th slot.
func (r *Slots) slot(i int) *Slot { return (*Slot)(unsafe.Add(r.first, uintptr(i)*r.size)) }

// Launch starts fn as a goroutine on a slot, in no bubble. It doesn't block; the goroutine
// waits where all slots are taken. When fn has returned, or has called runtime.Goexit, the
// goroutine ends, on its own stack again, after it has given the slot back. A panic of fn
// ends the process.
func (r *Slots) Launch(fn func(*Slot)) {
	Launch(func() {
		s := r.take()
		s.run(fn)
		r.give(s) // r is held by openSlots
	})
}

// take returns a free slot: the last used one, or one that was never used.
func (r *Slots) take() *Slot {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.free) == 0 && r.fresh == r.count {
		r.freed.Wait()
	}
	n := len(r.free) - 1
	if n < 0 {
		r.fresh++
		return r.make(r.fresh - 1)
	}
	s := r.free[n]
	r.free = r.free[:n]
	r.clean, r.rested = min(r.clean, n), min(r.rested, n)
	return s
}

// make prepares a slot for its first use. Where the system refuses that, memory has run
// out: Go's own stacks can't be had then, either.
func (r *Slots) make(i int) *Slot {
	if i >= r.open {
		n := min(openStep, r.count-r.open)
		if !r.eager {
			if err := r.access(r.open, n); err != nil {
				panic(fmt.Errorf("arch: out of memory for stack slots: %w", err))
			}
		}
		r.open += n
	}
	s := r.slot(i)
	if !r.eager {
		if err := installGuard(s); err != nil {
			panic(fmt.Errorf("arch: a stack slot can't be guarded: %w", err))
		}
	}
	base := uintptr(unsafe.Pointer(s))
	s.magic, s.number = slotMagic, uint64(i)
	s.lo, s.hi = base+2*pageSize, base+r.size
	s.guard, s.top = s.lo+r.guard, s.hi-slotStart
	return s
}

// access makes n slots readable and writable, from the i-th on.
func (r *Slots) access(i, n int) error {
	b := unsafe.Slice((*byte)(unsafe.Pointer(r.slot(i))), uintptr(n)*r.size)
	return os.NewSyscallError("mprotect", unix.Mprotect(b, unix.PROT_READ|unix.PROT_WRITE))
}

// give makes a slot free.
func (r *Slots) give(s *Slot) {
	r.mu.Lock()
	r.free = append(r.free, s)
	r.mu.Unlock()
	r.freed.Broadcast()
	if r.OnFree != nil {
		r.OnFree()
	}
}

// Clean gives the memory of the slots back that were free since the last Clean, and reports
// whether there are others to be cleaned later.
func (r *Slots) Clean() (more bool) {
	r.mu.Lock()
	for r.clean < r.rested {
		s := r.free[r.clean]
		r.clean++
		s.clean()
		// For those who take or give one. The next may have been taken meanwhile.
		r.mu.Unlock()
		runtime.Gosched()
		r.mu.Lock()
	}
	r.rested = len(r.free)
	more = r.clean < r.rested
	r.mu.Unlock()
	return more
}

// HighWater returns how deep the stack of s has been since its memory was last given back,
// in bytes, in whole pages; 0 if r is closed. It may be asked at any time.
func (r *Slots) HighWater(s *Slot) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0
	}
	return s.used()
}

// Close waits until all slots are free, and gives the region back. Nobody launches a
// goroutine on it any more.
func (r *Slots) Close() {
	r.mu.Lock()
	for len(r.free) < r.fresh {
		r.freed.Wait()
	}
	r.closed = true
	r.mu.Unlock()
	openSlots.remove(r)
	_ = unix.MunmapPtr(r.region, r.length)
}
