//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"testing"
	"unsafe"
)

// What is launched has none of the modes that a goroutine hands down to those that it starts.
func TestLaunchLeavesModes(t *testing.T) {
	defer watchdog(t)()
	if err := Native(); err != nil {
		t.Skip(err)
	}
	for name, off := range map[string]uintptr{"fipsOnlyBypass": gFipsOnlyBypass, "ditWanted": gDitWanted} {
		mode := (*uint8)(unsafe.Add(getg(), off))
		*mode = 1
		inherited, launched := make(chan uint8, 1), make(chan uint8, 1)
		see := func(c chan uint8) func() { return func() { c <- octet(uintptr(getg()), off) } }
		go see(inherited)()
		Launch(see(launched))
		*mode = 0
		if <-inherited != 1 {
			t.Errorf("a goroutine does not inherit %s", name)
		}
		if <-launched != 0 {
			t.Errorf("what is launched inherits %s", name)
		}
		Launch(see(launched))
		if <-launched != 0 {
			t.Errorf("what is launched later has %s", name)
		}
	}
}
