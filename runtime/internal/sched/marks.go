package sched

import "sync/atomic"

// marks are what is true of a task or not. Each is set and cleared on its own, by any side.
type marks struct{ word atomic.Uint32 }

const (
	// markInterrupted is set once, by Interrupt.
	markInterrupted uint32 = 1 << iota
	// markBoosted is set while the task counts as Critical: see inherit.go.
	markBoosted
	// markAstray is set while the task runs, or may run, without a worker that it should have; it
	// counts in preemptPending.
	markAstray
	// markWatched says that the Monitor knows that the task may be in Leave: see stack.go.
	markWatched
)

// has reports whether mark is set.
func (m *marks) has(mark uint32) bool { return m.word.Load()&mark != 0 }

// set sets mark, and reports whether it was clear. It is a barrier.
func (m *marks) set(mark uint32) bool { return m.word.Or(mark)&mark == 0 }

// clear clears mark, and reports whether it was set. It is a barrier.
func (m *marks) clear(mark uint32) bool { return m.word.And(^mark)&mark != 0 }
