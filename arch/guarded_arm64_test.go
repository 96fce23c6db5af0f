//go:build linux && go1.26 && !go1.28

package arch

import (
	"testing"
	"unsafe"
)

// Whoever switches away from a goroutine with data-independent timing, or to one, does it
// through Go's scheduler, which brings the processor into that mode and out of it. The mark is
// set as crypto/subtle.WithDataIndependentTiming does it where the processor has the mode.
func TestSwitchesWithDataIndependentTiming(t *testing.T) {
	defer watchdog(t)()
	p := newPair(t)
	defer p.end()
	p.turn(&p.lock)
	for name, g := range map[string]unsafe.Pointer{"from": p.g, "to": p.other.g} {
		wanted := (*bool)(unsafe.Add(g, gDitWanted))
		*wanted = true
		for i := range 100 {
			if how := p.turn(&p.lock); how != ByGo {
				t.Errorf("%s, turn %d: departure %d", name, i, how)
				break
			}
		}
		*wanted = false
	}
}
