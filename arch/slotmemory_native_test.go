//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The last used slot is used first, and those that were not used for a while give their
// memory back, and no others.
func TestSlotsClean(t *testing.T) {
	if !onSlots(t) {
		return
	}
	r := openTestSlots(t, 8, minSlot)
	both := func(fn func(a, b *Slot)) { // on two slots at once
		r.run(func(a *Slot) {
			r.run(func(b *Slot) { fn(a, b) })
		})
		for r.taken() > 0 {
			runtime.Gosched()
		}
	}
	var first, second *Slot
	both(func(a, b *Slot) {
		recurse(5000)
		first, second = a, b
	})
	if second.used() < 5000*16 {
		t.Fatalf("%d bytes were used", second.used())
	}
	if !r.Clean() {
		t.Error("nothing is left to be cleaned")
	}
	if second.used() == 0 {
		t.Error("what has just been used is cleaned")
	}
	var last *Slot
	r.run(func(s *Slot) { last = s })
	for r.taken() > 0 {
		runtime.Gosched()
	}
	if last != first && last != second {
		t.Error("a new slot is used while others are free")
	}
	r.Clean()
	other := first
	if last == first {
		other = second
	}
	if other.used() != 0 || last.used() == 0 {
		t.Errorf("%d bytes are left on an idle slot, and %d on one just used", other.used(), last.used())
	}
	if r.Clean() {
		t.Error("there is more to be cleaned on idle slots")
	}
	if last.used() != 0 {
		t.Errorf("%d bytes are left at the end", last.used())
	}
}

// Who hears that a slot is free finds it so: the next Clean has it to be cleaned later.
func TestSlotsOnFree(t *testing.T) {
	if !onSlots(t) {
		return
	}
	r := openTestSlots(t, 2, minSlot)
	taken, more := make(chan int, 1), make(chan bool, 1)
	r.OnFree = func() {
		taken <- r.taken()
		more <- r.Clean()
	}
	r.run(func(*Slot) {})
	if n := <-taken; n != 0 {
		t.Errorf("%d slots are taken", n)
	}
	if !<-more {
		t.Error("nothing is left to be cleaned")
	}
}

// Go's limit for stacks is that of the smallest open slots, and the program's own
// afterwards.
func TestSlotsLimitStacks(t *testing.T) {
	if !onSlots(t) {
		return
	}
	limit := func() int {
		now := debug.SetMaxStack(1 << 30)
		debug.SetMaxStack(now)
		return now
	}
	const own = 256 << 20
	defer debug.SetMaxStack(debug.SetMaxStack(own))
	large, err := OpenSlots(1, 16<<20)
	if err != nil {
		t.Fatal(err)
	}
	if limit() != 16<<20 {
		t.Errorf("the limit is %d with slots of 16 MiB", limit())
	}
	small, err := OpenSlots(1, 2<<20)
	if err != nil {
		t.Fatal(err)
	}
	if limit() != 2<<20 {
		t.Errorf("the limit is %d with slots of 2 MiB", limit())
	}
	small.Close()
	if limit() != 16<<20 {
		t.Errorf("the limit is %d after slots of 2 MiB", limit())
	}
	large.Close()
	if limit() != own {
		t.Errorf("the limit is %d after all slots, and was %d", limit(), own)
	}

	// What the program sets meanwhile stays afterwards.
	again, err := OpenSlots(1, 16<<20)
	if err != nil {
		t.Fatal(err)
	}
	debug.SetMaxStack(own / 2)
	again.Close()
	if limit() != own/2 {
		t.Errorf("the limit is %d after slots during which it was set to %d", limit(), own/2)
	}
}

// What can't be had is refused with what was asked for and what to change.
func TestSlotsRefused(t *testing.T) {
	if !onSlots(t) {
		return
	}
	refused := func(count, size int, words ...string) {
		t.Helper()
		r, err := OpenSlots(count, size)
		if err == nil {
			r.Close()
			t.Errorf("%d slots of %d bytes can be had", count, size)
			return
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("the error for %d slots of %d bytes lacks %q: %v", count, size, w, err)
			}
		}
	}
	refused(1, 3<<20, "power of two")
	refused(1, minSlot/2, "power of two")
	refused(1<<30, 1<<30, "address space")
	refused(1<<40, 1<<30, "address space")

	settings(t, "2", "65530")
	refused(1, 16<<20, "vm.overcommit_memory is 2")
	settings(t, "0", "10000")
	guardPages = func([]byte) error { return unix.EINVAL }
	defer func() { guardPages = installGuards }()
	refused(10_000, minSlot, "vm.max_map_count", "10000", "2952")

	if os.Getenv("GV_EMULATOR") != "" {
		return // an emulator has other limits
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &limit); err != nil {
		t.Fatal(err)
	}
	low := unix.Rlimit{Cur: 8 << 30, Max: limit.Max}
	if err := unix.Setrlimit(unix.RLIMIT_AS, &low); err != nil {
		t.Fatal(err)
	}
	refused(1024, 16<<20, "ulimit -v unlimited", "16 GiB", "8 GiB")
	if err := unix.Setrlimit(unix.RLIMIT_AS, &limit); err != nil {
		t.Fatal(err)
	}
}

// settings gives Linux's settings other values, as far as arch reads them.
func settings(t *testing.T, overcommit, maps string) {
	dir := t.TempDir() + "/"
	if err := os.Mkdir(dir+"vm", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"overcommit_memory": overcommit, "max_map_count": maps} {
		if err := os.WriteFile(dir+"vm/"+name, []byte(value+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	was := procSys
	procSys = dir
	t.Cleanup(func() { procSys = was })
}

// Below the stack there is a page that nobody can write to, however that was made.
func TestSlotGuard(t *testing.T) {
	if !onSlots(t) {
		return
	}
	for _, protect := range []bool{false, true} {
		t.Run(fmt.Sprintf("mprotect=%v", protect), func(t *testing.T) {
			if protect {
				guardPages = func([]byte) error { return unix.EINVAL }
				defer func() { guardPages = installGuards }()
			}
			r := openTestSlots(t, 100, minSlot)
			if !protect && r.eager {
				t.Skip("this kernel has no guard pages that are no mappings")
			}
			for range 3 {
				r.run(func(s *Slot) {
					checked := make(chan struct{})
					go func() {
						defer close(checked)
						if err := write(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(s), 2*pageSize)), 1)); err != nil {
							t.Errorf("the lowest byte of the stack: %v", err)
						}
						if write(s.guardPage()) == nil || write(s.guardPage()[pageSize-1:]) == nil {
							t.Error("the guard page can be written")
						}
					}()
					<-checked
				})
				r.Clean()
			}
		})
	}
}

// write writes the first byte of b.
func write(b []byte) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	b[0] = 1
	return nil
}
