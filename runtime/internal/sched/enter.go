package sched

import (
	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A goroutine can carry a task of its own making, on its own stack: it enters, as the
// task, with a worker, and is a plain goroutine again when it exits. The task can do all
// that others can.

// newVisitor makes a fiber for goroutines that carry tasks for a while, one after another.
// A scheduler keeps its own: its Monitor may still look at what the last one's task has
// left in the fiber.
func (s *Scheduler) newVisitor() any {
	f := s.newFiber()
	f.launched = true
	return f
}

// Enter makes the calling goroutine carry t, which has not begun, and waits for a worker.
// It must be followed by Exit, with what it returns, in the same goroutine.
//
// If the goroutine carries a task already, which must be one of the same scheduler, that
// one, outer, waits, and t goes on with its worker.
//
// Budget, from a plain goroutine with a vacant worker: four locked instructions, for the
// fiber, the table of fibers, the list of vacant workers, and the worker's lock.
func (t *Task) Enter() (outer *Task) {
	if f := fibers.Get(); f != nil {
		return t.enterFrom(f)
	}
	f := t.s.visitors.Get().(*fiber)
	f.Bind(t.s.native)
	f.carry(t)
	fibers.Enter(f)
	arch.Pin()
	t.where.Store(at(Running, nowhere))
	t.acquire(New)
	return nil
}

// enterFrom is Enter where f carries the calling task.
func (t *Task) enterFrom(f *fiber) (outer *Task) {
	outer = f.task
	t.fiber = f
	if w := outer.lockWorker(); w != nil {
		outer.withdraw()
		w.note(event.Enters)
		outer.blocks.Add(1)
		outer.where.Store(at(Blocked, t.s.outside.index))
		f.task = t
		t.readyAt = never // it does not wait
		w.give(t)
		w.Unlock()
		return outer
	}
	outer.leave() // it has none to pass on
	f.task = t
	arch.Pin()
	t.where.Store(at(Running, nowhere))
	t.acquire(New)
	return outer
}

// Exit ends t, which the calling goroutine carries. Its worker goes to the task that was
// carried before; or, if there was none, to the next one, after a rest.
//
// Budget, where no task is ready: four locked instructions, for the worker's lock, the list
// of vacant workers, the barrier before a look at the queues, and the table of fibers.
func (t *Task) Exit(outer *Task) {
	f := t.fiber
	if outer == nil {
		t.end(true)
		f.task = nil
		fibers.Leave()
		t.s.visitors.Put(f)
		return
	}
	w := t.lockWorker()
	if w == nil {
		t.end(false)
		f.task = outer
		outer.Return()
		return
	}
	t.withdraw()
	w.note(event.Ended)
	t.where.Store(at(Done, nowhere))
	f.task = outer
	if outer.blocks.Add(-1) > 0 {
		w.release(w.succeed()) // it is in Leave, and does without
		return
	}
	t.s.outside.Lock.Lock()
	t.s.outside.logPassage(outer, false)
	outer.where.Store(at(Running, nowhere))
	t.s.outside.Unlock()
	outer.readyAt = never // it has waited for t, and not for w
	w.give(outer)
	w.Unlock()
}
