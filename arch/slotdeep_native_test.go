//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime"
	"testing"
)

// A stack of which most was used is found once, and again only when it was used anew.
func TestSlotDeep(t *testing.T) {
	if !onSlots(t) {
		return
	}
	r := openTestSlots(t, 1, minSlot)
	// Frames of more than a kilobyte, of a slot of 1 MiB.
	const half, most = 450, 850
	check := func(s *Slot, frames int, deep bool) {
		t.Helper()
		used := 0
		descend(frames, func() { used = s.Deep() })
		if deep != (used != 0) || deep && (used < most<<10 || used > minSlot) {
			t.Errorf("with %d frames, the slot is found to be %d bytes deep", frames, used)
		}
	}
	for range 3 {
		r.run(func(s *Slot) {
			check(s, half, false)
			check(s, most, true)
			check(s, most, false)
			s.Shed()
			check(s, half, false)
			check(s, most, true)
			if high := r.HighWater(s); high < most<<10 {
				t.Errorf("%d bytes were used, of at least %d", high, most<<10)
			}
		})
		for r.taken() > 0 {
			runtime.Gosched()
		}
	}
	// What nobody has looked at stays.
	r.run(func(s *Slot) {
		descend(most, func() {})
		s.Shed()
		check(s, 0, true)
	})
}
