package main

import (
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A crowd finds out whether more threads run at once than there are workers. A
// thread in a section that computes for some microseconds, and does not block,
// has a worker, unless it was taken from it: by force, which leaves it standing
// in the section, or because it looked blocked in Go. The runtime counts both,
// so a thread counts as running as long as these counts stand still.
type crowd struct {
	w     *world
	slots [64]atomic.Uint64 // the count at the entry plus 1, 0 when free
}

func (c *crowd) init(w *world) { c.w = w }

// taken is how often a worker was taken from a thread.
func (c *crowd) taken() uint64 {
	s := c.w.rt.Stats()
	return s.Forced + s.Handoffs
}

// running is how many threads have been in the section since a time at which
// the count was the same as now.
func (c *crowd) running() int {
	now := c.taken() + 1
	n := 0
	for i := range c.slots {
		if c.slots[i].Load() == now {
			n++
		}
	}
	return n
}

// enterCrowd goes through the section.
func enterCrowd(a *actor) error {
	c := &a.w.crowd
	gv.Yield() // which gets it a worker, if it has none
	entry := c.taken() + 1
	for i := range c.slots {
		if !c.slots[i].CompareAndSwap(0, entry) {
			continue
		}
		steps(1, 5000)
		if n := c.running(); n > a.w.config.Workers {
			// A worker that was taken may be counted a moment later.
			for from := time.Now(); time.Since(from) < 5*time.Millisecond; {
			}
			if n := c.running(); n > a.w.config.Workers {
				a.w.r.violation("%d threads run on %d workers", n, a.w.config.Workers)
			}
		}
		c.slots[i].Store(0)
		return nil
	}
	return nil
}
