package sched

import (
	"sync"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A goroutine can carry a task of its own making, on its own stack: it enters, as the
// task, with a worker, and is a plain goroutine again when it exits. The task can do all
// that others can.

// visitors are the fibers of goroutines that carry tasks for a while.
//
// A goroutine that has carried one will mostly carry more, as that of a connection does. So
// its fiber stays in the table of fibers between its visits, without a task, which is what a
// plain goroutine looks like, too. It is there until the goroutine visits another scheduler,
// or this one is closed. If the goroutine has ended, the fiber is the next one's that Go
// makes of it. As many as keptVisitors are kept; the others come from a pool at each visit.
// A scheduler has its own: its Monitor may still look at what the last task has left in the
// fiber.
type visitors struct {
	pool sync.Pool
	kept atomic.Int32
}

// keptVisitors is how many goroutines keep their fibers.
const keptVisitors = idleFibers

// begin makes the calling goroutine, which carries no task, have a fiber of s.
func (v *visitors) begin() *fiber {
	f := v.pool.Get().(*fiber)
	f.Marks = fiberLaunched
	if v.kept.Add(1) <= keptVisitors {
		f.Marks |= fiberKept
	} else {
		v.kept.Add(-1)
	}
	if old := fibers.Enter(f); old != nil {
		old.unkeep()
	}
	return f
}

// end takes the calling goroutine's fiber f, which has no task any more, from it, unless it
// keeps it.
func (v *visitors) end(f *fiber) {
	if f.kept() {
		fibers.Keep(f)
		return
	}
	fibers.Leave()
	v.pool.Put(f)
}

// unkeep is for a fiber that a goroutine has kept, and has another in place of now.
func (f *fiber) unkeep() { f.s.visitors.kept.Add(-1) }

// forget takes the fibers that are kept from their goroutines. None of s's tasks is alive;
// who has just ended one may still be in end.
func (v *visitors) forget(s *Scheduler) {
	fibers.Forget(func(f *fiber) bool { return f.s == s && f.kept() })
}

// newVisitor makes a fiber for goroutines that carry tasks for a while, one after another.
func (s *Scheduler) newVisitor() any { return s.newFiber() }

// Enter makes the calling goroutine carry t, which has not begun, and waits for a worker.
// It must be followed by Exit, with what it returns, in the same goroutine.
//
// If the goroutine carries a task already, which must be one of the same scheduler, that
// one, outer, waits, and t goes on with its worker.
//
// Budget, from a plain goroutine that has carried tasks before, with a vacant worker: three
// locked instructions, for the list of vacant workers, the worker's lock, and its level.
func (t *Task) Enter() (outer *Task) {
	f := fibers.Get()
	switch {
	case f != nil && f.task != nil:
		return t.enterFrom(f)
	case f == nil || f.s != t.s:
		f = t.s.visitors.begin()
	}
	f.Bind(t.s.native)
	f.carry(t)
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
// Budget, where no task is ready: three locked instructions, for the worker's lock, the list
// of vacant workers, and the barrier before a look at the queues.
func (t *Task) Exit(outer *Task) {
	f := t.fiber
	if outer == nil {
		t.end(true)
		f.task = nil
		t.s.visitors.end(f)
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
		w.release(w.fill()) // it is in Leave, and does without
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
