//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime/debug"
	"slices"
	"sync"
)

// openSlots are the regions that are open. It holds them as long as a goroutine is on one
// of their slots, and Go's limit for stacks below what a slot's stack would be copied to.
var openSlots slotRegions

// slotRegions is a set of regions. A goroutine that needs more than its stack gets one of
// twice the size, and the old one is freed (newstack in runtime/stack.go, go1.26 and
// go1.27). Before that, Go ends the process with a report if the new one is above its limit. So the
// limit, which is the process's, is the size of the smallest slots that are open.
type slotRegions struct {
	mu   sync.Mutex
	open []*Slots
	// was is the limit that the program had, and set the one in its place.
	was, set int
}

func (s *slotRegions) add(r *Slots) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = append(s.open, r)
	s.limit()
}

func (s *slotRegions) remove(r *Slots) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = slices.DeleteFunc(s.open, func(other *Slots) bool { return other == r })
	s.limit()
}

// limit sets Go's limit as the open regions need it. What the program has set meanwhile
// counts as its own limit.
func (s *slotRegions) limit() {
	const none = 0
	if now := debug.SetMaxStack(minSlot); s.set == none || now != s.set {
		s.was = now
	}
	limit := s.was
	s.set = none
	for _, r := range s.open {
		limit = min(limit, int(r.size))
		s.set = limit
	}
	debug.SetMaxStack(limit)
}
