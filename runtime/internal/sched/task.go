package sched

import (
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A Task is what the scheduler knows of a thread. It is the first field of what the layer
// above has of that: see Bodies.
//
// At any time a task is at one place, whose lock guards it: on a worker or in its
// queue, in the shared queue, or outside, without a worker. Or it is nowhere: it
// waits, has not been made ready yet, or has ended; then it belongs to the one side
// that makes it ready.
type Task struct {
	s *Scheduler
	// where is the task's state and place: see place.go. It is written under the
	// lock of the place that the task leaves or enters, or by the side that owns it.
	where arch.Word
	// prio is the priority in force; see inherit.go.
	prio arch.Word
	// fiber carries the task from its first turn on. Written by the side that gives
	// the task its first worker.
	fiber *fiber
	// wait is the wait that the task is in, or was last: see wait.go.
	wait arch.Word64
	// marks are the marks below.
	marks marks

	// Guarded by the lock of the place that the task is at.

	queued     Priority
	late       bool  // the Watcher knows that it waits for too long
	next, prev *Task // in a queue, or in the list of those outside
	stamp      uint64
	readyAt    int64  // since when it waits for a worker; never if it doesn't
	fed        uint64 // see starvation
	slice      timeSlice
	// hearing says whether the task is known to come to safepoints.
	hearing hearing
	// blocks counts the Leave calls that the task is in. Written by the task itself.
	blocks atomic.Int32

	inherit inheritance
	// held is for how long the task has held workers: see account.go.
	held heldTime
	// budget is nil if the task has none: see budget.go. Fixed before the task begins.
	budget *budget
}

// Bodies are what tasks are for the layer above, which finds its own record of a task by the
// task's address.
type Bodies interface {
	// Run does what the task is there for, on a goroutine that the scheduler gives
	// it. It must not panic.
	Run(t *Task)
	// Exit is called, instead of Run's return, when runtime.Goexit ends that
	// goroutine, and after Run, when it ends because it may be locked to an OS thread.
	Exit(t *Task)
	// Name returns the number and the name by which people know the task. It is called
	// with a lock held, as Waits is.
	Name(t *Task) (id uint64, name string)
	// Waits returns what the task is about to wait for: a number that the layer above
	// knows. The task itself calls it.
	Waits(t *Task) uint8
	// Overflow is called on the task's goroutine when it uses more stack than it may.
	Overflow(t *Task, depth, limit int)
}

// Init makes t a task of s that has not begun.
func (t *Task) Init(s *Scheduler, p Priority) {
	t.s = s
	t.hearing.unknown()
	t.inherit.base.Store(uint32(p))
	t.prio.Store(uint32(p))
}

// Scheduler returns t's scheduler.
func (t *Task) Scheduler() *Scheduler { return t.s }

// Priority returns the priority in force.
func (t *Task) Priority() Priority { return Priority(t.prio.Load()) }

// InLeave reports whether t goes on without a worker, in Leave, or waits for one that it has
// entered. One that waits in Leave for something else does not.
func (t *Task) InLeave() bool { return t.where.Load() == at(Blocked, t.s.outside.index) }

// Current returns the calling task, nil when the caller is a plain goroutine.
func Current() *Task {
	if f := fibers.Get(); f != nil {
		return f.current()
	}
	return nil
}

// current returns the task that the calling goroutine, whose fiber f is, carries.
//
// The race detector is not to see it: a plain goroutine may look until it ends, and what it
// looks at is then the next one's that Go makes of it. Go orders the two.
//
//go:norace
func (f *fiber) current() *Task { return f.task }
