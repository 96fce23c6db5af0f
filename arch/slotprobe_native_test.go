//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"bytes"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Without the setting, slots are refused by an error that names it.
func TestSlotsNeedSetting(t *testing.T) {
	if err := Native(); err != nil {
		t.Skip(err)
	}
	if strings.Contains(os.Getenv("GODEBUG"), "gcshrinkstackoff=1") {
		t.Skip("the setting is there")
	}
	if _, err := OpenSlots(1, minSlot); err == nil || !strings.Contains(err.Error(), slotsEnv) {
		t.Errorf("OpenSlots: %v", err)
	}
}

// Slots are refused where mincore does not tell which pages were touched, by an error that
// says so.
func TestResidencyProbe(t *testing.T) {
	if err := probeResidency(mincore); err != nil {
		t.Error(err)
	}
	all := func(b byte) func(uintptr, uintptr, *byte) unix.Errno {
		return func(_, length uintptr, resident *byte) unix.Errno {
			pages := unsafe.Slice(resident, length/pageSize)
			for i := range pages {
				pages[i] = b
			}
			return 0
		}
	}
	for _, tt := range []struct {
		name      string
		residency func(uintptr, uintptr, *byte) unix.Errno
		want      string
	}{
		{"all resident", all(1), "reports [1 1 1 1] of four pages"},
		{"none resident", all(0), "reports [0 0 0 0] of four pages"},
		{"refused", func(uintptr, uintptr, *byte) unix.Errno { return unix.EPERM }, "mincore is refused"},
	} {
		if err := probeResidency(tt.residency); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want an error with %q", tt.name, err, tt.want)
		}
	}
}

// A stack that overflows ends the process with Go's report of it, which names the goroutine,
// before anything is written below, copied or freed; also where the program has lifted the
// limit: then the report is another.
func TestSlotOverflow(t *testing.T) {
	if err := Native(); err != nil {
		t.Skip(err)
	}
	if mode := os.Getenv("GV_OVERFLOW"); mode != "" {
		overflow(mode)
	}
	for mode, want := range map[string]string{
		"limited": "runtime: goroutine stack exceeds 16777216-byte limit",
		"lifted":  "fatal error: stack size not a power of 2",
	} {
		var out bytes.Buffer
		cmd := self(t, "TestSlotOverflow", slotsEnv, "GV_OVERFLOW="+mode)
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err == nil {
			t.Errorf("%s: the process has not ended", mode)
		}
		for _, w := range []string{want, "goroutine ", "arch.endless", "arch.slotReturn"} {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: the report lacks %q:\n%.2000s", mode, w, out.String())
			}
		}
	}
}

func overflow(mode string) {
	r, err := OpenSlots(3, 16<<20)
	if err != nil {
		panic(err)
	}
	if mode == "lifted" {
		debug.SetMaxStack(1 << 30)
	}
	r.run(func(*Slot) { endless(0) })
}

// endless recurses until the stack is used up.
//
//go:noinline
func endless(n int) int {
	if n < 0 {
		return 0
	}
	return endless(n+1) + 1
}

// A table with a wrong offset is refused.
func TestSlotTable(t *testing.T) {
	if err := Native(); err != nil {
		t.Skip(err)
	}
	check := func(l slotTable) error {
		result := make(chan error)
		go func() { result <- l.check() }()
		return <-result
	}
	if err := check(builtSlots); err != nil {
		t.Error(err)
	}
	for off := uintptr(0); off < 456; off += 8 {
		if off != gStktopsp && check(slotTable{stktopsp: off, panic: gPanic}) == nil {
			t.Errorf("g.stktopsp is accepted at %d", off)
		}
		if off != gPanic && check(slotTable{stktopsp: gStktopsp, panic: off}) == nil {
			t.Errorf("g._panic is accepted at %d", off)
		}
	}
}
