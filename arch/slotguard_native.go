//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A guard page stands below each stack. Go's own checks keep Go code from getting there; it
// is for what makes none, such as assembly with a frame that is larger than it says.
//
// Linux 6.13 has guard pages that are marks in the page tables. Before, each is a mapping of
// its own, and the stack another, of which a process may have vm.max_map_count: the guards
// are made at once then, so that nobody is without later.

// procSys is where Linux has its settings.
var procSys = "/proc/sys/"

// guardPages makes guard pages by marks where that is not refused. A test does.
var guardPages = installGuards

func installGuards(b []byte) error { return unix.Madvise(b, unix.MADV_GUARD_INSTALL) }

func (s *Slot) guardPage() []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(s), pageSize)), pageSize)
}

// installGuard makes a slot's guard page by a mark.
func installGuard(s *Slot) error {
	for {
		// The call asks to be repeated when it was interrupted.
		if err := guardPages(s.guardPage()); !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("madvise(MADV_GUARD_INSTALL)", err)
		}
	}
}

// chooseGuards finds out how the slots of a new region can be guarded, and whether they can
// be used at all.
func (r *Slots) chooseGuards() error {
	if n, err := setting("vm/overcommit_memory"); err == nil && n == 2 {
		return fmt.Errorf("arch: no stack slots: vm.overcommit_memory is 2, by which Linux counts all %s of each slot as used: set it to 0 or 1", binary(r.size))
	}
	if r.count == 0 {
		return nil
	}
	if err := r.access(0, 1); err != nil {
		return fmt.Errorf("arch: no stack slots: memory for the first one is refused: %w", err)
	}
	r.open = 1
	if installGuard(r.slot(0)) == nil && r.slot(0).guarded() {
		return nil
	}
	r.eager = true
	return r.protectGuards()
}

// guarded reports whether the guard page can't be written to, by a system call that would
// write there. Emulators don't know the mark, and say nothing.
func (s *Slot) guarded() bool {
	_, _, errno := unix.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_MONOTONIC, uintptr(unsafe.Pointer(s))+pageSize, 0)
	return errno == unix.EFAULT
}

// spareMaps is how many mappings are left to the program besides the guard pages.
const spareMaps = 4096

// protectGuards makes all guard pages by mprotect.
func (r *Slots) protectGuards() error {
	limit, err := setting("vm/max_map_count")
	if err != nil {
		limit = 65530 // DEFAULT_MAX_MAP_COUNT in linux/mm.h
	}
	if most := max(0, limit-spareMaps) / 2; r.count > most {
		return fmt.Errorf("arch: no stack slots: before Linux 6.13 each needs two mappings for its guard page, and vm.max_map_count, which is %d, allows for %d slots, not for %d: ask for fewer, or raise it", limit, most, r.count)
	}
	err = r.access(0, r.count)
	for i := 0; i < r.count && err == nil; i++ {
		err = os.NewSyscallError("mprotect", unix.Mprotect(r.slot(i).guardPage(), unix.PROT_NONE))
	}
	if err == nil && !r.slot(0).guarded() {
		err = errors.New("they can be written to")
	}
	if err != nil {
		return fmt.Errorf("arch: no stack slots: their guard pages can't be had: %w", err)
	}
	r.open = r.count
	return nil
}

// setting reads a number among Linux's settings.
func setting(name string) (int, error) {
	text, err := os.ReadFile(procSys + name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}
