package sched

import (
	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A task leaves its worker in one of these ways: it yields, it waits, it ends, it goes
// outside; or somebody else takes the worker, see seize.go and force.go. In each the
// worker is locked, it is noted what becomes of the task, and the worker is given to
// the next one.

// Yield lets the tasks run that are ready at the calling task's priority or above; it
// goes to the end of the line of its own. It returns at once when there are none. It
// reports false, and does nothing, if the caller is a plain goroutine.
//
// Budget: one locked instruction, for the worker's lock. Its release is a plain store of
// the switch's. What takes the time otherwise is not so much how many instructions there
// are as how many loads wait for each other, from the goroutine to the next one's.
func Yield() bool {
	f := fibers.Get()
	if f == nil {
		return false
	}
	t := f.current()
	if t == nil {
		return false
	}
	if Pending() {
		t.checkStack(PointYields)
	}
	t.unboost()
	w := f.lockWorker(t)
	if w == nil {
		t.rejoin()
		return true
	}
	next := w.rotate(t)
	if next == nil {
		t.yieldOn(w, t.Priority(), false, event.Yielded)
		return true
	}
	if len(w.s.workers) == 1 {
		w.s.monitor.attend() // there is no other to be asked
	} else {
		w.s.offerBehind(w, t.Priority(), false)
	}
	t.withdraw()
	if !f.StartSwitch(&next.fiber.Fiber, &w.Lock) {
		f.Await()
	}
	return true
}

// yield gives the calling task's worker to a task of a priority of at least limit that
// is ready, or that it was borrowed from, and reports whether there was one. The task
// becomes ready itself, at the end of its list, or at the front when its slice isn't
// over.
func (t *Task) yield(limit Priority, front bool, why event.Cause) bool {
	w := t.lockWorker()
	if w == nil {
		t.rejoin()
		return false
	}
	return t.yieldOn(w, limit, front, why)
}

// yieldOn is yield with w, the calling task's worker, locked; it is unlocked.
func (t *Task) yieldOn(w *worker, limit Priority, front bool, why event.Cause) bool {
	w.note(why)
	next, kept := w.pass(t, limit, Ready, front)
	if next == nil && !kept {
		w.Unlock()
		return false
	}
	t.withdraw()
	w.s.offerBehind(w, t.Priority(), front)
	w.depart(t.fiber, next)
	return true
}

// depart gets f's goroutine, the caller's, off its stack, unlocks w, and resumes next, to
// which w was given, if it isn't nil. It returns when f is resumed. It is inlined: see
// arch.Fiber.StartPark.
func (w *worker) depart(f *fiber, next *Task) {
	if !w.startDepart(f, next) {
		f.Await()
	}
}

// startDepart is depart; when it reports false, f is to Await.
func (w *worker) startDepart(f *fiber, next *Task) (resumed bool) {
	switch {
	case next != nil && next.fiber != f && next.fiber.launched():
		return f.StartSwitch(&next.fiber.Fiber, &w.Lock)
	case next != nil && next.fiber == f:
		f.Stay()
		w.Unlock() // its wait was over at once, and it was the first again
		return true
	case next != nil:
		next.fiber.launch()
	}
	return f.StartPark(&w.Lock)
}

// Safepoint answers a request to yield, if the calling task has got one.
func (t *Task) Safepoint() {
	// First: once the task has yielded, the Monitor takes the request back.
	t.CheckStack()
	if preemptPending.Load() != exactStacks.Load() {
		t.Answer()
	}
}

// Answer is Safepoint without a look at the stack.
func (t *Task) Answer() {
	if t.s.config.Schedule != nil {
		t.Pass()
		return
	}
	w := t.lockWorker()
	if w == nil {
		t.rejoin()
		return
	}
	reason := w.acknowledge()
	w.Unlock()
	if reason != preemptNone {
		t.hearing.answered()
	}
	switch reason {
	case preemptSeen, preemptHigh:
		if p := t.Priority(); p > Critical && t.yield(p-1, true, event.AskedHigher) {
			t.s.cooperative.Add(1)
		}
	case preemptSlice:
		t.unboost()
		if t.yield(t.Priority(), false, event.AskedSlice) {
			t.s.cooperative.Add(1)
		}
	}
}

// Leave takes the calling task's worker, for a call that blocks in Go, until Return.
func (t *Task) Leave() {
	t.checkStack(PointLeaves)
	t.leave()
}

// leave is Leave without a look at the stack.
func (t *Task) leave() {
	t.blocks.Add(1)
	t.watchOutside()
	t.goOutside()
}

// goOutside takes the worker of the calling task, which is in Leave.
func (t *Task) goOutside() {
	t.unboost()
	for {
		if w := t.lockWorker(); w != nil {
			t.withdraw()
			w.note(event.Blocks)
			t.where.Store(at(Blocked, t.s.outside.index))
			next := w.fill()
			w.release(next)
			return
		}
		if t.s.takeBack(t) { // it won't have the worker back that was borrowed from it
			t.s.putBlocked(t)
			t.s.outside.Unlock()
			return
		}
	}
}

// Return ends Leave: it gets the calling task a worker again.
func (t *Task) Return() {
	if t.blocks.Add(-1) == 0 {
		t.rejoin()
	}
}

// rejoin gets the calling task a worker again after it has run without one: because
// it left it for a call that blocks, or because it was blocked in Go and its worker
// was taken away.
func (t *Task) rejoin() {
	if t.blocks.Load() > 0 {
		return
	}
	if t.s.takeBack(t) {
		arch.Pin()
		t.where.Store(at(Running, nowhere))
		t.s.outside.Unlock()
		t.acquire(Ready)
	}
}

// acquire gets the calling task, which is nowhere and pinned, a worker: as one that is New
// or Ready. It returns unpinned.
func (t *Task) acquire(state State) {
	s := t.s
	if w := s.takeVacant(t.Priority()); w != nil {
		w.Lock.Lock()
		t.readyAt = never // it has not waited
		w.give(t)
		w.Unlock()
		s.monitor.attendOutside()
		arch.Unpin()
		return
	}
	t.fiber.BeginPark()
	resume(s.readyShared(t, state))
	t.fiber.Park(nil)
}

// Abandon takes t out of its queue if it has not begun, and reports whether it has, and the
// caller is to end it. A task that a goroutine is about to enter goes on without a worker,
// and ends itself.
func (t *Task) Abandon() bool {
	pl := t.lockPlace()
	if pl == nil {
		return false
	}
	defer pl.Unlock()
	if t.state() != New {
		return false
	}
	pl.queue.unlink(t)
	if t.fiber == nil {
		t.where.Store(at(Done, nowhere))
		return true
	}
	t.where.Store(at(Running, t.s.outside.index))
	t.fiber.Ready()
	return false
}
