// Package schedule is how package gvtest gets at a runtime whose schedule it decides. It
// stands between the two so that package gv need not export that.
package schedule

import "time"

// A Point is where a thread is on its way.
type Point uint8

const (
	// Passes: it goes on, or another one does.
	Passes Point = iota
	// Yields: it lets others run.
	Yields
	// Waits: it is about to wait, or to find that it need not.
	Waits
	// Leaves: it begins a call of gv.Block.
	Leaves
)

// A Conductor decides what goes on in a runtime. Threads are known by their IDs.
//
// Step, Rank and Choose are called with a spin lock held, so that there is one call at a
// time: they must not block.
type Conductor interface {
	// Step notes that a thread has come to a point.
	Step(thread uint64, p Point)
	// Rank says where a thread, which is ready or runs, comes among those of its priority:
	// the least goes on.
	Rank(thread uint64) uint64
	// Choose returns a number from 0 to n-1, for Select.
	Choose(n int) int

	// Point is called in a thread, after Step. It may call runtime.Goexit.
	Point(thread uint64, name string, p Point)
	// Ended is called in a thread that has ended, with its result.
	Ended(thread uint64, name string, err error)
	// Advanced is told that time has gone on, since no thread was ready. No thread runs.
	Advanced(d time.Duration)
	// Stuck is told, once, that no thread can go on, and nothing else has woken one. It is
	// called in no thread.
	Stuck()
}

// A Runtime is one whose schedule a Conductor decides.
type Runtime struct {
	// Runtime is the *gv.Runtime. It has one worker, the Portable engine, and a clock of its
	// own.
	Runtime any
	// Break cancels all threads, and ends them by runtime.Goexit: those that wait at once,
	// others at their next point.
	Break func()
}

// Package gv sets what follows.

// Open opens a runtime. Its threads are stuck when all have waited for as long as patience.
var Open func(c Conductor, patience time.Duration) (Runtime, error)

// InBubble reports whether the caller is in a bubble of testing/synctest.
var InBubble func() bool
