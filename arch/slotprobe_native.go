//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SlotStacks reports whether goroutines can run on slots in this process: nil, or the reason
// why not. The first call collects garbage, to see whether that moves stacks; the result is
// kept.
func SlotStacks() error { return slotsOnce() }

var slotsOnce = sync.OnceValue(func() (err error) {
	Outside(func() { err = probeSlots() })
	return err
})

// slotTable is the layout constants that only slots need, as values for the check.
type slotTable struct{ stktopsp, panic uintptr }

var builtSlots = slotTable{stktopsp: gStktopsp, panic: gPanic}

// stackGuard is how far above the low end of a stack its guard is: see stackGuard in
// runtime/stack.go. It is written before a region can be opened.
var stackGuard uintptr

func probeSlots() error {
	if err := Native(); err != nil {
		return fmt.Errorf("arch: no stack slots: %w", err)
	}
	result := make(chan error)
	go func() { result <- builtSlots.check() }()
	if err := <-result; err != nil {
		return fmt.Errorf("arch: no stack slots: %w", misfit(err))
	}
	if err := probeResidency(mincore); err != nil {
		return err
	}
	if stacksShrink() {
		return fmt.Errorf("arch: no stack slots: Go's collector makes stacks smaller, and would free a slot as if it were its own: start the program with GODEBUG=gcshrinkstackoff=1 in its environment, which is the only place for that setting")
	}
	return nil
}

// mincore is the system call that tells which pages of memory are resident.
func mincore(addr, length uintptr, resident *byte) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_MINCORE, addr, length, uintptr(unsafe.Pointer(resident)))
	return errno
}

// probeResidency checks that residency, which is mincore, tells pages that were touched from
// those that were not: how deep stacks have been is known by nothing else. gVisor says of
// each page that it is resident, and a filter of system calls may refuse to say anything.
func probeResidency(residency func(addr, length uintptr, resident *byte) unix.Errno) error {
	const pages, touched = 4, 2
	b, err := unix.MmapPtr(-1, 0, nil, pages*pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return fmt.Errorf("arch: no stack slots: memory for a trial is refused: %w", os.NewSyscallError("mmap", err))
	}
	defer func() { _ = unix.MunmapPtr(b, pages*pageSize) }()
	// A huge page would bring the others with it. A kernel without such has no such advice.
	_ = unix.Madvise(unsafe.Slice((*byte)(b), pages*pageSize), unix.MADV_NOHUGEPAGE)
	*(*byte)(unsafe.Add(b, touched*pageSize)) = 1
	var resident [pages]byte
	if errno := residency(uintptr(b), pages*pageSize, &resident[0]); errno != 0 {
		return fmt.Errorf("arch: no stack slots: the system call mincore is refused, by which their depth is known: allow it, or use growing stacks: %w", os.NewSyscallError("mincore", errno))
	}
	for i, r := range resident {
		if is, want := r&1 != 0, i == touched; is != want {
			return fmt.Errorf("arch: no stack slots: mincore reports %v of four pages of which one was touched, so the depth of stacks can't be known (gVisor reports all of them resident): use growing stacks", resident)
		}
	}
	return nil
}

// check holds the table against the calling goroutine, which is new. It only reads, within
// the g.
func (l slotTable) check() error {
	g := uintptr(getg())
	lo, hi := word(g, gStackLo), word(g, gStackHi)
	// newproc1 leaves four words, and what the architecture wants (runtime/proc.go).
	if top := word(g, l.stktopsp); top >= hi || hi-top < 32 || hi-top > slotStart {
		return mismatch("g.stktopsp", fmt.Sprintf("just below %#x", hi), hex(top))
	}
	if p := word(g, l.panic); p != 0 {
		return mismatch("g._panic", "nil", hex(p))
	}
	if p := panicking(g, l.panic); p <= lo || p >= hi {
		return mismatch("g._panic", fmt.Sprintf("an address in %#x-%#x during a panic", lo, hi), hex(p))
	}
	if p := word(g, l.panic); p != 0 {
		return mismatch("g._panic", "nil after a panic", hex(p))
	}
	// The guard may be poisoned by a request to preempt, but not for ever.
	for range 1000 {
		if guard := word(g, gStackguard0) - word(g, gStackLo); guard < 8<<10 {
			stackGuard = guard
			return nil
		}
		runtime.Gosched()
	}
	return mismatch("g.stackguard0", "an address at the end of the stack", hex(word(g, gStackguard0)))
}

// panicking returns a word of g during a panic.
func panicking(g, off uintptr) (p uintptr) {
	defer func() {
		p = word(g, off)
		_ = recover()
	}()
	panic("trial")
}

// stacksShrink reports whether the collector makes stacks smaller that are mostly unused.
func stacksShrink() bool {
	var f Fiber
	size := 0
	parked, release := make(chan struct{}), make(chan struct{})
	go func() {
		f.Bind(true)
		growStack()
		size = f.StackSize()
		close(parked)
		<-release
	}()
	<-parked
	defer close(release)
	// One that has not parked yet keeps its stack until it is preempted.
	for f.Status() != StatusBlocked {
		time.Sleep(10 * time.Microsecond)
	}
	runtime.GC()
	return f.StackSize() < size
}

// growStack needs more stack than a new goroutine has.
//
//go:noinline
func growStack() {
	var frame [probeFrame]byte
	runtime.KeepAlive(uintptr(unsafe.Pointer(&frame)))
}
