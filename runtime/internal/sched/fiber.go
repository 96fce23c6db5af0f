package sched

import (
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A fiber is a goroutine that carries tasks, one after another. There is one for each thread
// that is blocked, maybe a million: what only some need is in records of its own.
type fiber struct {
	arch.Fiber
	s *Scheduler
	// task is the task that the fiber carries: written by the side that resumes an idle
	// fiber, before it does, and by the fiber itself; nil tells an idle fiber to end.
	task *Task
	// rare is nil until the first of it is needed.
	rare atomic.Pointer[fiberRare]
	// last is the worker that the fiber's task has last been found to have. Its own.
	last *worker
	// below links the fibers of a pool.
	below *fiber
}

// The marks of a fiber.
const (
	// fiberLaunched is set when the goroutine has been started. It belongs to the side that
	// has given the fiber its task.
	fiberLaunched uint8 = 1 << iota
	// fiberKept says that a goroutine keeps the fiber for its next visit: see enter.go. Fixed
	// while it is in the table of fibers.
	fiberKept
)

// launched reports whether f's goroutine has been started.
func (f *fiber) launched() bool { return f.Marks&fiberLaunched != 0 }

// kept reports whether f's goroutine keeps it.
func (f *fiber) kept() bool { return f.Marks&fiberKept != 0 }

// fibers has the fibers of the goroutines that are some, of all schedulers.
var fibers arch.Locals[fiber]

// embody gives t, which is to run on w for the first time, a fiber: an idle one, or a new
// one whose goroutine is started when t is resumed. The caller has locked w.
func (w *worker) embody(t *Task) {
	f := w.spare()
	if f == nil {
		f = w.s.blank.Swap(nil)
	}
	if f == nil {
		f = w.s.newFiber()
	}
	f.carry(t)
}

// newFiber makes a fiber that no goroutine carries yet.
func (s *Scheduler) newFiber() *fiber {
	f := &fiber{s: s}
	if c := &s.config; c.MaxStack != 0 || c.Slots != nil || c.Schedule != nil {
		watch := new(stackWatch)
		watch.asked.Store(c.Schedule != nil) // see schedule.go
		f.needRare().stack = watch
	}
	return f
}

// carry makes t, which is about to begin, the fiber's task.
func (f *fiber) carry(t *Task) {
	f.task, t.fiber = t, f
	if s := f.stack(); s != nil {
		s.exempt, s.overflow = 0, 0
	}
}

// launch starts f's goroutine: it has none yet.
func (f *fiber) launch() {
	f.Marks |= fiberLaunched
	f.s.fibers.count.Add(1)
	if slots := f.s.config.Slots; slots != nil {
		slots.Launch(f.runOn)
	} else {
		arch.Launch(f.run)
	}
}

// resume makes f's task, which was given a worker, run through Go's scheduler.
func (f *fiber) resume() {
	if f.launched() {
		f.Ready()
	} else {
		f.launch()
	}
}

// runOn is run on a slot.
func (f *fiber) runOn(slot *arch.Slot) {
	f.stack().slot.Store(slot)
	f.run()
}

// run is what a fiber's goroutine does. Its frames stay at the top of every task's stack:
// they are kept small.
func (f *fiber) run() {
	stocked := f.Expected()
	if !stocked {
		// Here, since a WaitGroup must not be counted up in a bubble: the task that the
		// fiber has got keeps others from waiting yet.
		f.s.fibers.alive.Add(1)
		f.s.stock(f.task.Priority())
		if f.s.blank.Load() == nil {
			f.s.blank.Store(f.s.newFiber())
		}
		f.Bind(f.s.native)
	}
	if old := fibers.Settle(f); old != nil {
		old.unkeep()
	}
	defer f.leave()
	if stocked {
		f.Arrive()
	}
	for t := f.task; t != nil; t = f.task {
		f.s.config.Bodies.Run(t)
		if slot := f.onSlot(); slot != nil {
			slot.Shed()
		}
		if f.MayBeLocked() {
			// The task may have left it so. Go ends an OS thread whose goroutine ends
			// locked to it, because it may be in a state that suits nobody else: the next
			// task must not inherit it.
			return
		}
		f.advance(t)
	}
}

// leave ends a fiber: one that is not needed any more, and has no task, or one whose
// goroutine ends with a task, because it may be locked to an OS thread, or has called
// runtime.Goexit: then it hands on all that it holds.
func (f *fiber) leave() {
	if t := f.task; t != nil {
		f.s.config.Bodies.Exit(t)
		t.end(false)
		f.task = nil
	}
	fibers.Unsettle()
	if s := f.stack(); s != nil {
		s.slot.Store(nil)
	}
	f.s.fibers.count.Add(-1)
	f.s.fibers.alive.Done()
}

// advance goes on to the next task after t, the last one, has ended: on this fiber if that
// is a new one, else by a switch to its own, which leaves this one idle. It returns when
// the fiber has a task again, or has none and is to end.
//
// Budget: one locked instruction, for the worker's lock.
func (f *fiber) advance(t *Task) {
	w := t.lockWorker()
	if w == nil {
		if !t.s.takeBack(t) {
			f.advance(t) // it has its worker again
			return
		}
		t.where.Store(at(Done, nowhere))
		f.task = nil
		o := &t.s.outside
		if f.s.fibers.put(f) {
			f.Park(&o.Lock)
		} else {
			o.Unlock()
		}
		return
	}
	t.withdraw()
	w.note(event.Ended)
	t.where.Store(at(Done, nowhere))
	f.task = nil
	f.BeginLeave() // in the scheduler's pool any worker finds it
	kept := w.keep(f)
	next := w.fill()
	switch {
	case next != nil && next.fiber == f:
		f.Stay()
		w.Unlock()
	case kept:
		w.depart(f, next)
	default:
		w.release(next)
	}
}

// end takes the calling task, which has ended, from its worker, whose next task is resumed
// through Go's scheduler: the goroutine goes on, or ends. With rest, the worker rests
// before it goes to a lower task, while the goroutine does what is left to do.
func (t *Task) end(rest bool) {
	w := t.lockWorker()
	if w == nil {
		if !t.s.takeBack(t) {
			t.end(rest) // it has its worker again
			return
		}
		t.where.Store(at(Done, nowhere))
		t.s.outside.Unlock()
		return
	}
	t.withdraw()
	w.note(event.Ended)
	p := t.Priority()
	t.where.Store(at(Done, nowhere))
	if w.repay() {
		w.Unlock()
		return
	}
	if top := t.s.topReady(); rest && t.s.native && top != None && top > p {
		w.restFor(p)
		w.Unlock()
		t.s.afterRest(p)
		return
	}
	next := w.fill()
	w.release(next)
}

// drain ends all idle fibers and waits for the end of every fiber. No task is alive, and
// none will be started.
func (s *Scheduler) drain() {
	s.fibers.shut.Store(true)
	for _, w := range s.workers {
		for {
			w.Lock.Lock()
			f := w.spare()
			w.Unlock()
			if f == nil {
				break
			}
			f.Ready()
		}
	}
	s.fibers.alive.Wait()
}
