//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"math"
	"runtime/debug"
	"slices"
	"sync"
)

// openSlots are the regions that are open. It holds them as long as a goroutine is on one
// of their slots, and Go's limit for stacks below what a slot's stack would be copied to.
var openSlots slotRegions

// slotRegions is a set of regions. A goroutine that needs more than its stack gets one of
// twice the size, and the old one is freed (newstack in runtime/stack.go, go1.26 and
// go1.27). Go ends the process with a report before that, if the new one is above its limit.
// So the limit, which is the process's, is the size of the smallest slots that are open.
type slotRegions struct {
	mu   sync.Mutex
	open []*Slots
	// own is the limit that the program had, and set the one in its place, 0 if no region
	// is open.
	own, set int
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

// limit sets Go's limit as the open regions need it. What the program has set meanwhile is
// its own limit from then on: that is only known once another has been set.
func (s *slotRegions) limit() {
	if s.set == 0 {
		s.own = math.MaxInt
	}
	limit := s.least()
	if had := debug.SetMaxStack(limit); had != s.set {
		s.own = had
		limit = s.least()
		debug.SetMaxStack(limit)
	}
	s.set = limit
	if len(s.open) == 0 {
		s.set = 0
	}
}

// least returns the least of the program's own limit and the sizes of the open slots.
func (s *slotRegions) least() int {
	limit := s.own
	for _, r := range s.open {
		limit = min(limit, int(r.size))
	}
	return limit
}
