package sched

import "github.com/gvthread/gvthread/arch"

// A State says what a task is doing.
type State uint8

// The states, as package gv has them.
const (
	New State = iota
	Ready
	Running
	Blocked
	Preempted
	Done
)

// A place is where tasks are: a worker with its queue, the shared queue, or outside.
// Its lock guards the tasks that are there.
type place struct {
	arch.Lock
	index  uint32
	worker *worker // nil for those that are none
	queue  runQueue
}

// A task's where is its state in the low bits and the index of its place above.
const (
	stateMask  = 1<<placeShift - 1
	placeShift = 8
	nowhere    = 0
)

// at makes a where.
func at(s State, place uint32) uint32 { return place<<placeShift | uint32(s) }

// move gives t, which stays in its state, another place. The caller has locked both. A task
// that was picked becomes Running in give, once it has a fiber: those who look without a
// lock rely on Running tasks having one.
func (t *Task) move(place uint32) {
	t.where.Store(at(t.state(), place))
}

// State returns what t is doing, and the number of its worker, from 1 on, if it has
// one.
func (t *Task) State() (s State, worker int) {
	v := t.where.Load()
	s = State(v & stateMask)
	if i := v >> placeShift; s == Running && int(i) <= len(t.s.workers) {
		worker = int(i)
	}
	return s, worker
}

// state returns what t is doing.
func (t *Task) state() State { return State(t.where.Load() & stateMask) }

// Waits reports whether t is blocked in a wait, in Leave or not.
func (t *Task) Waits() bool { return t.where.Load() == at(Blocked, nowhere) }

// Runs reports whether t has a worker, or runs without.
func (t *Task) Runs() bool { return t.state() == Running }

// lockPlace locks the place that t is at and returns it. It returns nil if t is
// nowhere, and nobody is about to put it anywhere.
func (t *Task) lockPlace() *place {
	for spins := 0; ; spins++ {
		v := t.where.Load()
		i := v >> placeShift
		if i != nowhere {
			pl := t.s.places[i]
			pl.Lock.Lock()
			if t.where.Load()>>placeShift == i {
				return pl
			}
			pl.Unlock()
			continue
		}
		switch State(v & stateMask) {
		case New, Done:
			return nil
		case Blocked:
			if t.settled() {
				return nil
			}
		}
		arch.Pause(spins) // on its way from one place to another
	}
}

// lockWorker locks the worker that the calling task has, and returns it; nil if it
// has none.
func (t *Task) lockWorker() *worker { return t.fiber.lockWorker(t) }

// lockWorker is that of f's task t.
func (f *fiber) lockWorker(t *Task) *worker {
	arch.Pin()
	w := f.lockWorkerPinned(t)
	if w == nil {
		arch.Unpin()
	}
	return w
}

// lockWorkerPinned is lockWorker for callers who are pinned, and stay so. Mostly the task has
// the worker still that it had the last time: that one is found sooner.
func (f *fiber) lockWorkerPinned(t *Task) *worker {
	if w := f.last; w != nil && w.index == t.where.Load()>>placeShift {
		w.LockPinned()
		if w.cur == t {
			return w
		}
		w.UnlockPinned() // it was taken away just now
	}
	return f.findWorker(t)
}

// findWorker is lockWorkerPinned for a worker that f's task has not had before.
func (f *fiber) findWorker(t *Task) *worker {
	for {
		i := t.where.Load() >> placeShift
		if i == nowhere || int(i) > len(t.s.workers) {
			return nil
		}
		w := t.s.workers[i-1]
		w.LockPinned()
		if w.cur == t {
			f.last = w
			return w
		}
		w.UnlockPinned() // it was taken away just now
	}
}
